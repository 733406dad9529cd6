"""Item links that openHAB tells of one by one."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from twilio_binding.openhab import ItemLinks, OpenHABRequests, RestClient
from twilio_binding.settings import OpenHABSettings

_CHANNEL = "twilio:phone:a:p:last-message-body"
_ADDED, _REMOVED = "openhab/links/x/added", "openhab/links/x/removed"


def _event(item: str, channel: str = _CHANNEL) -> str:
    return json.dumps({"itemName": item, "channelUID": channel})


def test_one_after_the_other() -> None:
    """Links that come, come again and go are known by the name of their item, and so is which channels got one."""
    links = ItemLinks()
    for item in ("Kitchen", "Attic", "Kitchen"):
        links.follow(_ADDED, _event(item))
    assert [link.item for link in links.of(_CHANNEL)] == ["Attic", "Kitchen"]
    links.follow(_REMOVED, _event("Attic"))
    links.follow(_REMOVED, _event("Unknown"))
    assert [link.item for link in links.of(_CHANNEL)] == ["Kitchen"]
    assert links.take_added() == {_CHANNEL}
    assert links.take_added() == set()
    links.follow(_ADDED, _event("Kitchen", "mqtt:topic:x:1"))
    assert [link.item for link in links.all()] == ["Kitchen"]


def test_ten_thousand_at_once() -> None:
    """A file with thousands of items costs as much for its last link as for its first."""
    links = ItemLinks()
    began = time.thread_time()
    for number in range(10_000):
        links.follow(_ADDED, _event(f"Item{number}"))
    assert time.thread_time() - began < 2
    assert len(links.of(_CHANNEL)) == 10_000


class OpenHAB(ThreadingHTTPServer):
    """Lists the links `listed`; `meanwhile` happens after it has made the list, before it is read."""

    daemon_threads = True
    listed: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.meanwhile: Callable[[], None] = lambda: None
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, OpenHAB)
        body = f"[{','.join(map(_event, server.listed))}]".encode()
        server.meanwhile()
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


def test_events_while_the_list_is_read(openhab: OpenHAB) -> None:
    """They are newer than the list; the next list counts as a whole again."""
    requests = OpenHABRequests(OpenHABSettings(url=f"http://127.0.0.1:{openhab.server_port}"))
    links, rest = ItemLinks(), RestClient(requests)

    def meanwhile() -> None:
        links.follow(_ADDED, _event("New"))
        links.follow(_REMOVED, _event("Old"))
        links.follow(_ADDED, _event("Brief"))
        links.follow(_REMOVED, _event("Brief"))

    openhab.listed, openhab.meanwhile = ("Kept", "Old"), meanwhile
    links.read(rest)
    assert [link.item for link in links.of(_CHANNEL)] == ["Kept", "New"]
    assert [len(links.of_item(item)) for item in ("Kept", "Old", "New", "Brief")] == [1, 0, 1, 0]
    assert links.take_added() == {_CHANNEL}
    openhab.listed, openhab.meanwhile = ("Other",), lambda: None
    links.read(rest)
    assert [link.item for link in links.of(_CHANNEL)] == ["Other"]
    requests.close()
