"""How long the service stops answering: idle, while it reads many phones, and while it follows many linked items."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.client import HTTPConnection
from typing import Self
from urllib.parse import urlsplit

import requests

from lab.bench.lines import Figure
from lab.standins.stack import Stack
from twilio_binding.sandbox.demo_rule import PHONE
from twilio_binding.sandbox.waiting import until

_PAUSE = 0.002
_PHONES, _ITEMS = 1000, 10_000
_MANY = 'Bridge twilio:account:many [ accountSid="AC{sid}", authToken="bench-token" ] {{\n{phones}}}\n'


class Pulse:
    """Requests `/live` repeatedly. `longest` is the slowest answer in milliseconds."""

    def __init__(self, stack: Stack) -> None:
        self._place = urlsplit(stack.service.admin_url).netloc
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.longest = 0.0

    def __enter__(self) -> Self:
        """Start the requests."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the requests."""
        self._over.set()
        self._thread.join()

    def _ask(self) -> None:
        connection = HTTPConnection(self._place, timeout=30)
        while not self._over.wait(_PAUSE):
            began = time.monotonic()
            connection.request("GET", "/live")
            connection.getresponse().read()
            self.longest = max(self.longest, (time.monotonic() - began) * 1000)
        connection.close()


def stops(stack: Stack, quick: bool) -> Iterator[Figure]:  # noqa: FBT001
    """The longest stop of each kind, including the round trip to the service."""
    seconds = 2 if quick else 10
    yield _stop(stack, "idle", 5, lambda: threading.Event().wait(seconds))
    yield _stop(stack, f"reload of {_PHONES:,} phones", 20, lambda: _reload(stack))
    _link(stack)
    times: list[float] = []
    yield _stop(stack, f"{_ITEMS:,} linked items read", 20, lambda: times.append(_restart(stack)))
    yield Figure.at_most(f"ready after openHAB's start, {_ITEMS:,} linked items", times[0], 1.5, unit="s")


def _stop(stack: Stack, what: str, target: float, meanwhile: Callable[[], object]) -> Figure:
    with Pulse(stack) as pulse:
        meanwhile()
    return Figure.at_most(f"longest stop: {what}", pulse.longest, target)


def _reload(stack: Stack) -> None:
    phones = "".join(f'  Thing phone p{n} "Phone {n}" [ phoneNumber="+1666{n:07}" ]\n' for n in range(_PHONES))
    stack.things.with_name("many.things").write_text(_MANY.format(sid="7" * 32, phones=phones), encoding="utf-8")
    until(lambda: _is_known(stack, f"twilio:phone:many:p{_PHONES - 1}"), "the phones to be read", 60)


def _is_known(stack: Stack, phone: str) -> bool:
    """Whether the service has this phone. If so, it answers an unsigned webhook with 403."""
    answer = requests.post(f"{stack.service.url}/twilio/callback/{phone}/sms", timeout=30)
    return answer.status_code != HTTPStatus.NOT_FOUND


def _link(stack: Stack) -> None:
    lines = "".join(f'String Many_{n} {{ channel="{PHONE}:last-message-body" }}\n' for n in range(_ITEMS))
    (stack.folder / "items" / "many.items").write_text(lines, encoding="utf-8")
    last = f"{stack.openhab.url}/rest/items/Many_{_ITEMS - 1}"
    until(lambda: requests.get(last, timeout=30).ok, "openHAB to read the items", 60)


def _restart(stack: Stack) -> float:
    """Seconds from a restart of openHAB until the service reports it as up."""
    stack.openhab.faults.down()
    until(lambda: not stack.service.dependencies()["openhab"]["up"], "the service to miss openHAB", 60)
    stack.openhab.restart()
    stack.openhab.faults.up()
    began = time.monotonic()
    stack.service.wait_ready("openhab", seconds=60)
    return time.monotonic() - began
