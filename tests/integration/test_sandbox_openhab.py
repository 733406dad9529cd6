"""The openHAB stand-in: states, streams, links and files."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from lab.standins.client import OpenHABStandIn
from tests.integration.openhab_probe import SseListener, put_state
from tests.waiting import wait_until
from twilio_binding.sandbox.openhab import OpenHABOptions

_ADMIN = {"Authorization": "Bearer T"}
_TEXT = {"Content-Type": "text/plain"}
_ITEMS = """
String Last_SMS "Last SMS" { channel="twilio:phone:a:b:last-message-body" }
String Plain
Switch Light
Group All
Group:Switch Lights
Switch Lamp (Lights, All)
Group:Switch:OR(ON,OFF) Any (Some)
Group:Switch:AND(ON,OFF) Some
Switch One (Any)
Switch Other (Any)
Switch Second (Lights)
Group:Number:Temperature:MAX Warmest
Number:Temperature Hall (Warmest)
Number:Temperature Attic (Warmest)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for `.items` files."""
    return tmp_path_factory.mktemp("items")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[OpenHABStandIn]:
    """A stand-in that watches the folder."""
    options = OpenHABOptions(items=folder, token="T", user_token="U", alive_interval=0.2, watch_interval=0.05)
    with OpenHABStandIn(options) as standin:
        yield standin


@pytest.fixture
def openhab(server: OpenHABStandIn, folder: Path) -> OpenHABStandIn:
    """The stand-in reset, with one file."""
    (folder / "lab.items").write_text(_ITEMS)
    server.restart()
    server.reset()
    return server


def test_state_follows_the_202(openhab: OpenHABStandIn) -> None:
    """A state is accepted immediately, and reported in three events; the change has the old state."""
    with SseListener(openhab.url, "openhab/items/*") as listener:
        answer = put_state(openhab.url, "Plain", "Grüße <b>")
        assert (answer.status_code, answer.content) == (202, b"")
        assert listener.wait_for("openhab/items/Plain/state") == [{"type": "String", "value": "Grüße <b>"}]
        assert listener.wait_for("openhab/items/Plain/statechanged") == [
            {"type": "String", "value": "Grüße <b>", "oldType": "UnDef", "oldValue": "NULL"}
        ]
        first = next(frame for frame in listener.frames if "event: message" in frame)  # alive frames come at any time
        assert r"Gr\u00fc" not in first and r"\\u003cb\\u003e" in first
    assert openhab.states("Plain") == ["Grüße <b>"]


def test_same_state_again_is_no_change(openhab: OpenHABStandIn) -> None:
    """The same text twice makes two updates and one change; the second update has the time of the first."""
    with SseListener(openhab.url, "openhab/items/*") as listener:
        put_state(openhab.url, "Plain", "x")
        put_state(openhab.url, "Plain", "x")
        updates = listener.wait_for("openhab/items/Plain/stateupdated", 2)
        assert listener.topics.count("openhab/items/Plain/statechanged") == 1
    assert "lastStateUpdate" not in str(updates[0])
    assert "Z[Etc/UTC]" in str(updates[1])


def test_the_state_of_a_group_is_told_with_a_member(openhab: OpenHABStandIn) -> None:
    """It has no event of its own; groups of the group follow."""
    with SseListener(openhab.url, "openhab/items/Any/*,openhab/items/Some/*") as listener:
        put_state(openhab.url, "One", "ON")
        put_state(openhab.url, "Other", "OFF")
        put_state(openhab.url, "One", "OFF")
        for topic in ("openhab/items/Any/One/stateupdated", "openhab/items/Some/Any/statechanged"):
            values = [dict(told)["value"] for told in listener.wait_for(topic, 2) if isinstance(told, dict)]
            assert values == ["ON", "OFF"]
        assert not {"openhab/items/Any/stateupdated", "openhab/items/Any/Other/statechanged"} & set(listener.topics)
    assert openhab.states("Some") == ["ON", "ON", "OFF"], "it is updated whenever its member is"


def test_a_group_without_a_function_has_the_state_that_all_members_have(openhab: OpenHABStandIn) -> None:
    """Different states of its members make none."""
    put_state(openhab.url, "Lamp", "ON")
    put_state(openhab.url, "Second", "ON")
    put_state(openhab.url, "Second", "OFF")
    wait_until(lambda: openhab.states("Lights") == ["UNDEF", "ON", "UNDEF"])


def test_the_events_of_a_group_are_in_its_base_unit(openhab: OpenHABStandIn) -> None:
    """The item has the unit of its dimension, but the events of the same state are in K."""
    with SseListener(openhab.url, "openhab/items/Warmest/*") as listener:
        put_state(openhab.url, "Hall", "20 °C")
        put_state(openhab.url, "Attic", "86 °F")
        told = listener.wait_for("openhab/items/Warmest/Attic/stateupdated", 1)
    assert [dict(one)["value"] for one in told if isinstance(one, dict)] == ["303.15 K"]
    assert openhab.states("Warmest") == ["20 °C", "30 °C"]


def test_the_state_that_a_group_is_set_to_has_no_event_of_an_update(openhab: OpenHABStandIn) -> None:
    """It is told only that the state came; the groups of the group are updated."""
    with SseListener(openhab.url, "openhab/items/Any/*,openhab/items/Some/*") as listener:
        put_state(openhab.url, "Any", "ON")
        listener.wait_for("openhab/items/Some/Any/statechanged", 1)
        own = [topic for topic in listener.topics if topic.startswith("openhab/items/Any/")]
        assert own == ["openhab/items/Any/state"]


def test_states_keep_their_order(openhab: OpenHABStandIn) -> None:
    """States that are set one after the other over one connection arrive in that order."""
    texts = [f"text {number}" for number in range(200)]
    with requests.Session() as session:
        for text in texts:
            session.put(f"{openhab.url}/rest/items/Plain/state", data=text, headers=_TEXT, timeout=30)
    wait_until(lambda: openhab.states("Plain") == texts)


def test_stream_headers_and_alive(openhab: OpenHABStandIn) -> None:
    """A stream has openHAB's headers, and alive frames without topic or id."""
    with SseListener(openhab.url, "openhab/nothing") as listener:
        headers = dict(listener.answer.headers.items())
        wait_until(lambda: len(listener.frames) > 1)
    assert headers == {
        "Content-Type": "text/event-stream",
        "X-Accel-Buffering": "no",
        "Content-Encoding": "identity",
        "Transfer-Encoding": "chunked",
        "Server": "Jetty(9.4.58.v20250814)",
    }
    assert set(listener.frames) == {'event: alive\ndata: {"type":"ALIVE","interval":10}\n\n'}


@pytest.mark.parametrize(
    ("topics", "heard"),
    [
        ("openhab/items/Plain/state", True),
        ("openhab/items/*", True),
        ("openhab/nothing, openhab/items/*/state", True),
        ("*", True),
        ("openhab/items/", False),
        ("items/*/state", False),
        ("openhab/items/*/stat", False),
    ],
)
def test_topic_filter(openhab: OpenHABStandIn, topics: str, *, heard: bool) -> None:
    """A filter must match the whole topic; a star crosses slashes."""
    with SseListener(openhab.url, topics) as listener, SseListener(openhab.url) as all_of_it:
        put_state(openhab.url, "Plain", "x")
        all_of_it.wait_for("openhab/items/Plain/statechanged")
        if heard:
            listener.wait_for("openhab/items/Plain/state")
        openhab.faults.drop_streams()
        assert listener.ended.wait(30)
        assert ("openhab/items/Plain/state" in listener.topics) is heard


def test_forbidden_character_is_never_answered(openhab: OpenHABStandIn) -> None:
    """A topic filter with an exclamation mark gets no answer at all, not even a status line."""
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(f"{openhab.url}/rest/events?topics=!x", timeout=0.3)
    assert requests.get(f"{openhab.url}/rest/uuid", timeout=30).status_code == 200


@pytest.mark.parametrize(("path", "status"), [("?topics=" + "a" * 8050, 500), ("?topics=" + "a" * 8300, 414)])
def test_endless_filters_are_refused(openhab: OpenHABStandIn, path: str, status: int) -> None:
    """Filters of 8,000 characters are a server error, longer ones too long."""
    assert requests.get(f"{openhab.url}/rest/events{path}", timeout=30).status_code == status


def test_stream_refuses_other_media_types_and_bad_tokens(openhab: OpenHABStandIn) -> None:
    """JSON is 406 on the event stream, and a bad token 401."""
    url = f"{openhab.url}/rest/events"
    assert requests.get(url, headers={"Accept": "application/json"}, timeout=30).status_code == 406
    assert requests.get(url, headers={"Authorization": "Bearer wrong"}, timeout=30).status_code == 401


def test_state_stream(openhab: OpenHABStandIn) -> None:
    """The state stream names its id, then sends the items asked for: now, and when they change."""
    with SseListener(openhab.url, "", "/rest/events/states") as listener:
        ready = wait_until(lambda: [frame for frame in listener.frames if "event: ready" in frame])
        head, _, identity = ready[0].strip().rpartition("data: ")
        assert head == "event: ready\nid: 0\n"
        url = f"{openhab.url}/rest/events/states/{identity}"
        assert requests.post(url, json=["Plain", "Nobody"], timeout=30).status_code == 200
        put_state(openhab.url, "Plain", "x")
        expected = 'data: {"Plain":{"state":"x","type":"String"}}\n\n'
        wait_until(lambda: expected in listener.frames)
    assert 'data: {"Plain":{"state":"NULL","type":"UnDef"}}\n\n' in listener.frames


@pytest.mark.parametrize(
    ("item", "command", "states"),
    [("Light", "ON", ["ON"]), ("Last_SMS", "text", []), ("Light", "REFRESH", [])],
)
def test_command_moves_only_items_without_links(
    openhab: OpenHABStandIn, item: str, command: str, states: list[str]
) -> None:
    """A command is told; the state follows where no link claims the item."""
    with SseListener(openhab.url, "openhab/items/*") as listener:
        answer = requests.post(f"{openhab.url}/rest/items/{item}", data=command, headers=_TEXT, timeout=30)
        assert answer.status_code == 200
        listener.wait_for(f"openhab/items/{item}/command")
        if item == "Last_SMS":
            listener.wait_for("openhab/items/Last_SMS/statepredicted")
        wait_until(lambda: openhab.states(item) == states)


def test_group_takes_what_its_base_or_members_take(openhab: OpenHABStandIn) -> None:
    """A group with a base type or with members takes their states and refuses others."""
    assert [put_state(openhab.url, name, "ON").status_code for name in ("Lights", "All")] == [202, 202]
    assert [put_state(openhab.url, name, "hello").status_code for name in ("Lights", "All")] == [400, 400]


def test_idle_connection_is_closed(folder: Path) -> None:
    """A keep-alive connection that is silent for too long just ends."""
    with OpenHABStandIn(OpenHABOptions(items=folder, idle_timeout=0.2)) as openhab:
        address = urlsplit(openhab.url)
        with socket.create_connection((address.hostname, address.port), timeout=30) as client:
            client.sendall(b"GET /rest/uuid HTTP/1.1\r\nHost: x\r\n\r\n")
            began = time.monotonic()
            received = b""
            while part := client.recv(4096):
                received += part
            assert received.startswith(b"HTTP/1.1 200 OK\r\n")
            assert 0.1 < time.monotonic() - began < 3


def test_client_that_goes_away_is_no_failure_of_the_server(openhab: OpenHABStandIn) -> None:
    """A body that ends too early is refused, and its state is not put."""
    address = urlsplit(openhab.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as client:
        head = (
            b"PUT /rest/items/Plain/state HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n"
        )
        client.sendall(head + b"half")
        client.shutdown(socket.SHUT_WR)
        assert client.recv(4096).startswith(b"HTTP/1.1 400 ")
    assert openhab.states("Plain") == []


def test_older_versions_refuse_what_they_did_not_know(folder: Path) -> None:
    """4.3 refuses states as JSON, 5.1 answers unknown thing types with 204 and missing actions with 404."""
    with OpenHABStandIn(OpenHABOptions(items=folder, version="4.3")) as openhab:
        assert requests.put(f"{openhab.url}/rest/items/Plain/state", json={"value": "x"}, timeout=30).status_code == 415
    with OpenHABStandIn(OpenHABOptions(items=folder, version="5.1")) as openhab:
        assert requests.get(f"{openhab.url}/rest/thing-types/twilio:phone", timeout=30).status_code == 204
        assert requests.get(f"{openhab.url}/rest/actions/twilio:phone:a:b", timeout=30).status_code == 404


def test_lent_things_are_listed(openhab: OpenHABStandIn) -> None:
    """A thing that a test lends a binding is listed, ONLINE and told on the stream."""
    with SseListener(openhab.url, "openhab/things/*") as listener:
        openhab.contents.put_thing_type("twilio:phone", {"UID": "twilio:phone"})
        openhab.contents.put_thing(
            "twilio:phone:a:b", {"thingTypeUID": "twilio:phone", "configuration": {"phoneNumber": "+1"}}
        )
        listener.wait_for("openhab/things/twilio:phone:a:b/status")
    things = requests.get(f"{openhab.url}/rest/things", headers=_ADMIN, timeout=30).json()
    assert [(thing["UID"], thing["statusInfo"]["status"]) for thing in things] == [("twilio:phone:a:b", "ONLINE")]
    assert requests.get(f"{openhab.url}/rest/thing-types/twilio:phone", timeout=30).status_code == 200


def test_states_are_fast(openhab: OpenHABStandIn) -> None:
    """One keep-alive connection puts states fast enough for load tests of a service (300 in a second; TCP's delays of 40 ms would make it 12)."""
    address = urlsplit(openhab.url)
    request = (
        b"PUT /rest/items/Plain/state HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nx"
    )
    with socket.create_connection((address.hostname, address.port), timeout=30) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began = time.monotonic()
        for _ in range(300):
            client.sendall(request)
            assert client.recv(4096).startswith(b"HTTP/1.1 202 ")
        assert time.monotonic() - began < 6
