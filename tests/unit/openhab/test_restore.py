"""Thousands of linked items after a start of openHAB: one list tells which of them need a state."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.conftest import Announced
from twilio_binding.metrics import Metrics
from twilio_binding.openhab import OpenHABRequests, RestClient
from twilio_binding.openhab.delivery.restore import Restorer
from twilio_binding.openhab.delivery.set_aside import SetAside
from twilio_binding.openhab.registries.items import ItemValues
from twilio_binding.openhab.registries.links import ItemLinks
from twilio_binding.settings import OpenHABSettings

_CHANNEL = "twilio:phone:a:p{}:last-message-body"


class House:
    """An openHAB with items; `listed` is what its list says of them where that is another thing."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.listed: dict[str, str] | None = None
        self.list_status = 200
        self.restarts: Callable[[], None] | None = None
        """Called at the next request: it restarts and forgets its states."""
        self.asked: list[str] = []

    def has(self, states: dict[str, str]) -> None:
        """Has these items with these states."""
        self.states = states

    def answer(self, method: str, path: str, body: str) -> tuple[int, str]:
        """The answer of REST."""
        if self.restarts is not None:
            self.states = dict.fromkeys(self.states, "NULL")
            self.restarts()
            self.restarts = None
        place, _, query = path.removeprefix("/rest").partition("?")
        self.asked.append(f"{method} {place}")
        if place == "/items":
            assert query == "fields=name,state&recursive=false"
            items = [{"name": name, "state": state} for name, state in (self.listed or self.states).items()]
            return self.list_status, json.dumps(items)
        item = place.split("/")[2]
        if item not in self.states:
            return 404, json.dumps({"error": {"message": "Item does not exist!"}})
        if method == "PUT":
            self.states[item] = body
            return 202, ""
        if place.endswith("/state"):
            return 200, self.states[item]
        return 200, json.dumps({"name": item, "type": "String", "state": self.states[item]})


@pytest.fixture
def house() -> Iterator[tuple[House, str]]:
    """A house, and its URL."""
    found = House()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_PUT(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            status, text = found.answer(self.command, self.path, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield found, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def restore(url: str, number: int) -> SetAside:
    """Restore the states of so many items, each linked to a channel of its own."""
    with _restorer(url, number) as (restorer, aside):
        restorer.restore()
        restorer.settle()
    return aside


@contextmanager
def _restorer(url: str, number: int) -> Iterator[tuple[Restorer, SetAside]]:
    requests = OpenHABRequests(OpenHABSettings(url=url))
    links, aside = ItemLinks(), SetAside(Metrics())
    links.load([{"itemName": f"Item{place}", "channelUID": _CHANNEL.format(place)} for place in range(number)])
    states = {_CHANNEL.format(place): f"text {place}" for place in range(number)}
    yield Restorer(RestClient(requests), ItemValues(requests), links, aside, lambda: states), aside
    requests.close()


def test_one_request_for_ten_thousand(house: tuple[House, str]) -> None:
    """Items with states cost one request, however many there are."""
    openhab, url = house
    openhab.has({f"Item{place}": "kept" for place in range(10_000)})
    restore(url, 10_000)
    assert openhab.asked == ["GET /items"]


def test_those_without_a_state_get_one(house: tuple[House, str], announced: Announced) -> None:
    """Only items without a state are read and set; a missing item is set aside."""
    announced("openhab.state_refused")
    openhab, url = house
    openhab.has({f"Item{place}": "NULL" if place in (7, 8) else "kept" for place in range(99)})
    aside = restore(url, 100)
    assert {name: state for name, state in openhab.states.items() if state != "kept"} == {
        "Item7": "text 7",
        "Item8": "text 8",
    }
    states = [request for request in openhab.asked if request.endswith("/state")]
    assert states == [
        *(f"{method} /items/Item{place}/state" for place in (7, 8) for method in ("GET", "PUT")),
        "GET /items/Item99/state",
    ]
    assert [one["item"] for one in aside.entries()] == ["Item99"]


def test_newer_than_the_list(house: tuple[House, str]) -> None:
    """A state that arrived after the list was read is not overwritten."""
    openhab, url = house
    openhab.has({f"Item{place}": "newer" for place in range(30)})
    openhab.listed = dict.fromkeys(openhab.states, "NULL")
    restore(url, 30)
    assert set(openhab.states.values()) == {"newer"}


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_no_list(house: tuple[House, str], status: int) -> None:
    """If the list cannot be read, each item is read."""
    openhab, url = house
    openhab.has({f"Item{place}": "NULL" for place in range(30)})
    openhab.list_status = status
    restore(url, 30)
    assert openhab.states == {f"Item{place}": f"text {place}" for place in range(30)}


def test_few_need_no_list(house: tuple[House, str]) -> None:
    """A few items are read one by one, because the list of all may contain pictures."""
    openhab, url = house
    openhab.has({f"Item{place}": "kept" for place in range(3)})
    restore(url, 3)
    assert openhab.asked == [f"GET /items/Item{place}/state" for place in range(3)]


@pytest.mark.parametrize("has_new_link", [False, True])
def test_restart_while_states_are_restored(house: tuple[House, str], *, has_new_link: bool) -> None:
    """An openHAB that restarts meanwhile, also while only a new link is looked at, gets all states again; then no more."""
    openhab, url = house
    openhab.has(dict.fromkeys(("Item0", "Item1", "Item2"), "NULL"))
    with _restorer(url, 3) as (restorer, _):
        if has_new_link:
            restorer.restore()
            restorer.settle()
        openhab.restarts = restorer.forget
        if has_new_link:
            restorer.try_again({_CHANNEL.format(2)})
        else:
            restorer.restore()
            restorer.settle()
        openhab.has(dict.fromkeys(openhab.states, "NULL"))
        for _ in range(2):
            restorer.restore()
            restorer.settle()
        assert openhab.states == {f"Item{place}": f"text {place}" for place in range(3)}
        asked = len(openhab.asked)
        restorer.restore()
        assert len(openhab.asked) == asked
