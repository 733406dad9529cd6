"""The list of items for commands by text, where openHAB does not answer: who texts does not wait one after the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.waiting import wait_until
from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab import OpenHABRequests
from twilio_binding.openhab.registries.reachable import ReachableRegistry
from twilio_binding.settings import OpenHABSettings


class OpenHAB(ThreadingHTTPServer):
    """Hangs until `gives_up` is set, then drops the connection; answers where `is_well`."""

    daemon_threads = True
    is_well = False

    def __init__(self) -> None:
        self.gives_up = threading.Event()
        self.asked = 0
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, OpenHAB)
        server.asked += 1
        if server.is_well:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"[]")
        else:
            server.gives_up.wait(30)
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def openhab() -> Iterator[OpenHAB]:
    """A server that hangs."""
    with OpenHAB() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.gives_up.set()
        server.shutdown()


@pytest.fixture
def registry(openhab: OpenHAB) -> Iterator[ReachableRegistry]:
    """The list of that server."""
    requests = OpenHABRequests(OpenHABSettings(url=f"http://127.0.0.1:{openhab.server_port}"))
    yield ReachableRegistry(requests)
    requests.close()


def _fails(registry: ReachableRegistry, *, fresh: bool = False) -> bool:
    try:
        registry.current(fresh=fresh)
    except DependencyDownError:
        return True
    return False


def test_a_failure_counts_for_all(openhab: OpenHAB, registry: ReachableRegistry) -> None:
    """OpenHAB is asked once for all who wait, and for who comes a moment later; after that it is asked again."""
    failed: list[bool] = []
    waiting = [threading.Thread(target=lambda: failed.append(_fails(registry))) for _ in range(4)]
    for one in waiting:
        one.start()
    wait_until(lambda: openhab.asked == 1)
    openhab.gives_up.set()
    for one in waiting:
        one.join(20)
    assert failed == [True] * 4
    assert _fails(registry, fresh=True)
    assert openhab.asked == 1
    openhab.is_well = True
    wait_until(lambda: not _fails(registry))
    assert openhab.asked == 2


def test_openhab_that_is_back(openhab: OpenHAB, registry: ReachableRegistry) -> None:
    """When it is known to be back, it is asked at once."""
    openhab.gives_up.set()
    assert _fails(registry)
    openhab.is_well = True
    assert _fails(registry)
    registry.try_again()
    assert not _fails(registry)
