"""Whether openHAB has just started: then states of items are those of before, and no commands."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab import OpenHABRequests, RestClient
from twilio_binding.openhab.delivery.expected_script import ExpectedScript
from twilio_binding.openhab.delivery.script import ScriptClient
from twilio_binding.openhab.locale import Locale
from twilio_binding.openhab.startup import OpenHABStart
from twilio_binding.settings import OpenHABSettings


class OpenHAB(ThreadingHTTPServer):
    """Tells how far it is and how long it has run."""

    daemon_threads = True
    facts: dict[str, object]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, OpenHAB)
        body = json.dumps({"systemInfo": server.facts}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def openhab() -> Iterator[OpenHAB]:
    """A server that answers."""
    with OpenHAB() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def startup(openhab: OpenHAB) -> Iterator[OpenHABStart]:
    """What is known of its starts, with a connection that has just been opened."""
    requests = OpenHABRequests(OpenHABSettings(url=f"http://127.0.0.1:{openhab.server_port}"))
    found = OpenHABStart(requests, ScriptClient("s"), ExpectedScript(None), Locale(RestClient(requests)))
    found.opened()
    yield found
    requests.close()


@pytest.mark.parametrize(
    ("facts", "has_failed", "has_started"),
    [
        ({"startLevel": 100, "uptime": 86_400}, True, False),
        ({"startLevel": 100}, True, False),
        ({"startLevel": 100, "uptime": 40}, True, True),
        ({"startLevel": 100, "uptime": 40}, False, False),
    ],
)
def test_a_try_that_failed(
    openhab: OpenHAB, startup: OpenHABStart, facts: dict[str, object], *, has_failed: bool, has_started: bool
) -> None:
    """A fault of an openHAB that has run for long is no start: what its items tell was meant."""
    if has_failed:
        startup.failed()
    openhab.facts = facts
    startup.check()
    assert startup.has_started is has_started


def test_a_start_that_was_seen(openhab: OpenHAB, startup: OpenHABStart) -> None:
    """A low start level says so, until the next connection."""
    openhab.facts = {"startLevel": 30, "uptime": 20}
    with pytest.raises(DependencyDownError):
        startup.check()
    openhab.facts = {"startLevel": 100}
    startup.check()
    assert startup.has_started
    startup.opened()
    startup.check()
    assert not startup.has_started
