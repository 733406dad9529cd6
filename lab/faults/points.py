"""Points of the code at which the service can be killed. The product code does not know about them."""

from __future__ import annotations

import functools
import importlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Point:
    """Before or after a function; `passages` is about how often it is passed in a few seconds."""

    module: str
    function: str
    when: str
    passages: int

    @property
    def is_at_start(self) -> bool:
        """Whether it is passed only while the service starts."""
        return self.passages < 3


def _both(name: str, module: str, function: str, passages: int) -> dict[str, Point]:
    return {f"{when} {name}": Point(module, function, when, passages) for when in ("before", "after")}


POINTS: dict[str, Point] = {
    **_both("a commit", "store.database", "Database._commit", 300),
    **_both("a webhook is recorded", "store.journal", "SqliteJournal.record", 200),
    **_both("an answer is noted", "store.journal", "SqliteJournal.answered", 10),
    **_both("deliveries are noted", "store.journal", "SqliteJournal.delivered", 200),
    **_both("a state is put", "openhab.rest", "RestClient.put_state", 3),
    **_both("the relay is run", "openhab.rest", "RestClient.run_rule", 100),
    **_both("a trigger is confirmed", "openhab.delivery.relay_rule", "Confirmations.follow", 200),
    **_both("the relay is looked at", "openhab.delivery.relay_rule", "RelayRule.ensure", 2),
    **_both("states are restored", "openhab.delivery.restore", "Restorer.restore", 2),
    **_both("events go to MQTT", "mqtt.exchange", "Exchange.deliver", 100),
    **_both("a request is read", "mqtt.requests", "Requests.take", 50),
    **_both("a reply is sent", "mqtt.exchange", "Exchange.answer", 50),
    **_both("a request is stored", "store.outbox", "SqliteOutbox.enter", 50),
    **_both("Twilio is about to be asked", "store.outbox", "SqliteOutbox.ask", 40),
    **_both("Twilio is asked", "twilio_api.gateway", "TwilioGateway.send", 40),
    **_both("Twilio is searched", "twilio_api.gateway", "TwilioGateway.find", 3),
    **_both("an outcome is noted", "store.outbox", "SqliteOutbox.settled", 40),
    **_both("a call is held", "incoming.held_calls", "HeldCalls.hold", 10),
    **_both("a rule answers", "incoming.held_calls", "HeldCalls.answer", 10),
    **_both("the database is migrated", "store.database_file", "migrate", 1),
    **_both("a damaged database is rescued", "store.database_file", "rescue", 1),
    **_both("a damaged database is replaced", "store.database_file", "replace", 1),
    **_both("unfinished requests are read", "store.outbox", "SqliteOutbox.unfinished", 1),
    **_both("everything is started", "app.service", "Service.start", 1),
}


def install(name: str, passage: int, pause: float = 0.0) -> None:
    """Kill this process at a passage of a point; passages in the first seconds do not count."""
    point = POINTS[name]
    kill_at(point.module, point.function, point.when, passage, pause)


def kill_at(module: str, function: str, when: str, passage: int, pause: float = 0.0) -> None:
    """The same at any function; `when` is "before" or "after" it."""
    begin = time.monotonic() + pause
    replace_function(module, function, lambda actual: _killing(actual, when, passage, begin))


def find(module: str, name: str) -> Function:
    """A function of the service; raises ImportError or AttributeError if it does not exist."""
    owner, attribute = _owner(module, name)
    found: Function = getattr(owner, attribute)
    return found


def replace_function(module: str, name: str, make: Callable[[Function], Function]) -> None:
    """Replace a function of the service with what `make` makes of it."""
    owner, attribute = _owner(module, name)
    setattr(owner, attribute, make(getattr(owner, attribute)))


def _owner(module: str, name: str) -> tuple[object, str]:
    *path, attribute = name.split(".")
    return functools.reduce(getattr, path, importlib.import_module(f"twilio_binding.{module}")), attribute


def _killing(function: Function, when: str, passage: int, begin: float) -> Function:
    """The function, with a kill of this process at a passage after `begin` (monotonic)."""
    left = passage

    @functools.wraps(function)
    def passed(*args: Any, **named: Any) -> Any:  # noqa: ANN401
        nonlocal left
        left -= time.monotonic() > begin
        now = left == 0
        if now and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **named)
        if now:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return passed
