"""Events through the script's servlet, from the service's own client."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.jsr223.conftest import ACCOUNT, PHONE, SECRET, Expected, Stack, describe
from tests.waiting import busy, let_pass, wait_until
from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.protocol.calls import decode_refusal
from twilio_binding.protocol.events import BridgeEvent, EventAnswer, encode_events
from twilio_binding.protocol.signing import HEADER, is_answer, new_nonce, sign
from twilio_binding.settings import OpenHABSettings

_TEXT = 'Grüße 😀 "quoted" \\ \u2028'
_number = iter(range(1_000_000))


def _event(**values: object) -> BridgeEvent:
    given: dict[str, object] = {"id": f"{time.time_ns()}-{next(_number)}", "thing": PHONE}
    return BridgeEvent(**(given | values))  # type: ignore[arg-type]


def _bring(stack: Stack, line: OpenHABRequests, *events: BridgeEvent) -> list[str]:
    wait_until(lambda: stack.service.door.is_open)
    return [answer.outcome for answer in stack.service.door.deliver(line, events)]


def test_states_reach_items_and_the_trigger_follows(stack: Stack, line: OpenHABRequests) -> None:
    """Contract, section 3: states are in linked items before the trigger fires, with every character."""
    for item, channel in (("Body", "last-message-body"), ("Date", "last-message-date")):
        stack.openhab.request("PUT", f"/rest/links/{item}/{PHONE}:{channel}")
    states = (("last-message-body", _TEXT), ("last-message-date", "2026-11-24T10:00:00.000+0100"))
    outcomes = _bring(stack, line, _event(states=states, channel="sms-received", payload='{"body":"ü"}'))
    assert outcomes == ["done"]
    assert stack.openhab.get("items/Body") == _TEXT
    assert stack.openhab.get("items/Date") == "2026-11-24T09:00:00Z"
    assert stack.triggers() == [(f"{PHONE}:sms-received", '{"body":"ü"}')]


def _looks(stack: Stack, count: int) -> list[tuple[str, str]]:
    """What each trigger was about, and what a rule on it found in the item Body."""

    def looks() -> list[dict[str, Any]]:
        found = stack.openhab.control("looks")
        assert isinstance(found, list)
        return found

    wait_until(lambda: len(looks()) == count, 40)
    return [(look["event"], look["items"]["Body"]) for look in looks()]


def test_a_rule_finds_the_items_in_the_states_of_its_own_event(stack: Stack, line: OpenHABRequests) -> None:
    """With single events, batches, and calls in between, no rule finds another event's state, and each is set once."""
    stack.openhab.request("PUT", f"/rest/links/Body/{PHONE}:last-message-body")
    events = [
        _event(states=(("last-message-body", f"{n}"),), channel="sms-received", payload=f"{n}") for n in range(100)
    ]
    for event in events[:40]:
        assert _bring(stack, line, event) == ["done"]
    assert set(_bring(stack, line, *events[40:])) == {"done"}
    assert _looks(stack, 100) == [(str(n), str(n)) for n in range(100)]
    assert set(_bring(stack, line, *events)) == {"seen"}
    assert stack.openhab.get("items/Body/updates") == "100"


@pytest.mark.parametrize(
    "link", [{"type": "Number"}, {"profile": "system:follow"}, {"profile": "transform:MAP", "type": "Number"}]
)
def test_an_item_that_gets_no_state_costs_little(stack: Stack, line: OpenHABRequests, link: dict[str, str]) -> None:
    """If a type does not fit, or a profile keeps the state, the script waits once, and then hardly, until the item gets one."""
    stack.openhab.request("PUT", f"/rest/links/Odd/{PHONE}:last-message-body", link)
    began = time.monotonic()
    for n in range(20):
        event = _event(states=(("last-message-body", f"text {n}"),), channel="sms-received", payload=str(n))
        assert _bring(stack, line, event) == ["done"]
    assert time.monotonic() - began < 2 * busy(), "twenty waits would take twenty seconds"
    assert len(stack.triggers()) == 20
    assert stack.openhab.get("items/Odd") == "NULL"


def test_an_item_that_is_waited_for_holds_up_no_other_thing(stack: Stack, line: OpenHABRequests) -> None:
    """While a phone's event waits for an item in vain, another phone's event continues.

    It waits for a second, in which a busy machine may not bring the other one: then it is tried again, with another item.
    """
    other = f"{PHONE}2"
    stack.add(other, ACCOUNT, phoneNumber="+15551234568")
    stack.service.show(describe(ACCOUNT), describe(PHONE), describe(other))
    stack.wait_for(other, "ONLINE")
    own = OpenHABRequests(OpenHABSettings(url=stack.openhab.url))

    def quick_is_first(item: str) -> bool:
        stack.openhab.request("PUT", f"/rest/links/{item}/{PHONE}:last-message-from", {"type": "Number"})
        with ThreadPoolExecutor(1) as threads:
            slow = _event(states=(("last-message-from", "text"),), channel="sms-received", payload="slow")
            waiting = threads.submit(stack.service.door.deliver, own, [slow])
            let_pass(0.1)
            assert _bring(stack, line, _event(thing=other, channel="sms-received", payload="quick")) == ["done"]
            assert [answer.outcome for answer in waiting.result()] == ["done"]
        return [payload for _, payload in stack.triggers()][-2:] == ["quick", "slow"]

    assert any(quick_is_first(f"Odd{attempt}") for attempt in range(8))
    own.close()
    stack.remove(other)


def test_a_batch_keeps_its_order(stack: Stack, line: OpenHABRequests) -> None:
    """Events of one call fire in their order."""
    events = [_event(channel="sms-received", payload=str(number)) for number in range(150)]
    assert set(_bring(stack, line, *events)) == {"done"}
    assert [payload for _, payload in stack.triggers()] == [str(number) for number in range(150)]


def test_an_event_that_comes_twice_fires_once(stack: Stack, line: OpenHABRequests) -> None:
    """The same id takes effect once, in one batch and in another."""
    event = _event(channel="sms-received", payload="{}")
    assert _bring(stack, line, event, event) == ["done", "seen"]
    assert _bring(stack, line, event) == ["seen"]
    assert len(stack.triggers()) == 1


def test_an_event_fires_once_over_a_reload(stack: Stack, line: OpenHABRequests) -> None:
    """Events fired before a reload of the script are known after it."""
    event = _event(channel="sms-received", payload="{}")
    assert _bring(stack, line, event) == ["done"]
    stack.load()
    stack.wait_for(PHONE, "ONLINE")
    assert _bring(stack, line, event) == ["seen"]


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        ({"thing": "twilio:phone:home:other"}, "unknown_thing"),
        ({"thing": ""}, "unknown_thing"),
        ({"thing": "no uid at all"}, "unknown_thing"),
        ({"channel": "no-such-channel"}, "unknown_channel"),
        ({"channel": "last-message-body"}, "unknown_channel"),
        ({"states": (("sms-received", "x"),)}, "unknown_channel"),
        ({"states": (("last-call-date", "yesterday"),), "channel": "call-received"}, "bad_state"),
        ({"states": (("last-call-from", ""),)}, "done"),
    ],
)
def test_what_cannot_be_done_is_answered(
    stack: Stack, line: OpenHABRequests, event: dict[str, object], outcome: str
) -> None:
    """Each event has its own answer, and an invalid one does not affect the next."""
    good = _event(channel="sms-received", payload="next")
    assert _bring(stack, line, _event(**event), good) == [outcome, "done"]
    assert stack.triggers()[-1] == (f"{PHONE}:sms-received", "next")


def test_events_behind_a_failed_one_wait_for_it(stack: Stack, line: OpenHABRequests) -> None:
    """If openHAB raises an error, the event and later ones of the same phone are answered as failed: no state goes back."""
    stack.openhab.request("PUT", f"/rest/links/Body/{PHONE}:last-message-body")
    events = [
        _event(states=(("last-message-body", text),), channel="sms-received", payload=text) for text in ("1", "2", "3")
    ]
    stack.openhab.control("refuse", state="2")
    assert _bring(stack, line, *events) == ["done", "failed", "failed"]
    assert stack.openhab.get("items/Body") == "1"
    stack.openhab.control("refuse", state=None)
    assert _bring(stack, line, *events) == ["seen", "done", "done"]
    assert stack.openhab.get("items/Body") == "3"
    assert [payload for _, payload in stack.triggers()] == ["1", "2", "3"]


def test_a_disabled_phone_is_not_ready(stack: Stack, line: OpenHABRequests) -> None:
    """An event for a thing that exists but does not run can be delivered again later."""
    stack.openhab.request("PUT", f"/rest/things/{PHONE}/enable", {"enabled": False})
    event = _event(channel="sms-received", payload="{}")
    assert _bring(stack, line, event) == ["not_ready"]
    stack.openhab.request("PUT", f"/rest/things/{PHONE}/enable", {"enabled": True})
    stack.wait_for(PHONE, "ONLINE")
    assert _bring(stack, line, event) == ["done"]


def test_many_threads_bring_events_at_once(stack: Stack, line: OpenHABRequests) -> None:
    """Parallel calls lose and double nothing."""

    def bring(number: int) -> list[EventAnswer]:
        own = OpenHABRequests(OpenHABSettings(url=stack.openhab.url))
        try:
            return stack.service.door.deliver(
                own, [_event(channel="sms-received", payload=f"{number}-{n}") for n in range(20)]
            )
        finally:
            own.close()

    wait_until(lambda: stack.service.door.is_open)
    with ThreadPoolExecutor(8) as threads:
        answers = [answer.outcome for batch in threads.map(bring, range(8)) for answer in batch]
    assert answers == ["done"] * 160
    assert len({payload for _, payload in stack.triggers()}) == len(stack.triggers()) == 160


def _signed(call: str, body: bytes, *, secret: str = SECRET, at: float = 0.0, nonce: str = "") -> dict[str, str]:
    return {HEADER: sign(secret, call, body, now=time.time() + at, nonce=nonce or new_nonce())}


_BODY = encode_events([_event(channel="sms-received", payload="forged")])


@pytest.mark.parametrize(
    ("call", "body", "headers", "refusal"),
    [
        ("events", _BODY, dict, (403, "bad_signature")),
        ("events", _BODY, lambda: {HEADER: "junk"}, (403, "bad_signature")),
        ("events", _BODY, lambda: {HEADER: "1.x.y.z"}, (403, "bad_signature")),
        ("events", _BODY, lambda: {HEADER: "2.x.y.z"}, (400, "other_version")),
        ("events", _BODY, lambda: _signed("events", _BODY, secret="other"), (403, "bad_signature")),
        ("events", _BODY, lambda: _signed("hello", _BODY), (403, "bad_signature")),
        ("events", _BODY, lambda: _signed("events", b"{}"), (403, "bad_signature")),
        ("events", _BODY, lambda: _signed("events", _BODY, at=-90), (403, "clock")),
        ("events", _BODY, lambda: _signed("events", _BODY, at=90), (403, "clock")),
        ("events", b"[]", lambda: _signed("events", b"[]"), (400, "malformed")),
        ("events", b"\xff", lambda: _signed("events", b"\xff"), (400, "malformed")),
        ("events", b"{}", lambda: _signed("events", b"{}"), (400, "malformed")),
        ("nothing", b"{}", lambda: _signed("nothing", b"{}"), (404, "unknown_call")),
        ("events", b" " * (1 << 20) + b"{}", dict, (413, "too_large")),
    ],
)
def test_what_is_refused(
    stack: Stack, call: str, body: bytes, headers: Callable[[], dict[str, str]], refusal: tuple[int, str]
) -> None:
    """A caller without the secret fires nothing; every refusal has its code."""
    line = OpenHABRequests(OpenHABSettings(url=stack.openhab.url))
    answer = line.call_script(f"/twilio/bridge/{call}", body, headers())
    line.close()
    assert (answer[0], decode_refusal(answer[1]).code) == refusal
    assert stack.triggers() == []


def test_a_recorded_call_cannot_be_replayed(stack: Stack, line: OpenHABRequests) -> None:
    """A recorded call is carried out once."""
    body = encode_events([_event(channel="sms-received", payload="{}")])
    headers = _signed("events", body)
    assert line.call_script("/twilio/bridge/events", body, headers)[0] == 200
    status, answer, _ = line.call_script("/twilio/bridge/events", body, headers)
    assert (status, decode_refusal(answer).code) == (409, "replayed")


def test_hello_is_answered_with_the_signed_announcement(stack: Stack, line: OpenHABRequests) -> None:
    """The servlet's announcement is the one on MQTT, signed for this call."""

    def hello() -> bytes:
        nonce = new_nonce()
        status, body, signature = line.call_script("/twilio/bridge/hello", b"", _signed("hello", b"", nonce=nonce))
        assert status == 200
        assert is_answer(SECRET, nonce, status, body, signature)
        return body

    def announced() -> bytes:
        return stack.service.announcement.encode() if stack.service.announcement else b""

    # A change is answered at once, and announced when the script looks again.
    wait_until(lambda: hello() == announced(), 30, lambda: f"{hello()!r}, {announced()!r} is announced")
    assert stack.service.announcement is not None
    assert {"events", "actions", "inbox", "proxy"} <= set(stack.service.announcement.features)


def test_a_get_is_not_answered(stack: Stack) -> None:
    """The servlet only accepts POST."""
    assert stack.openhab.request("GET", "/twilio/bridge/hello")[0] == 405


def test_the_door_closes_when_the_script_is_unloaded(stack: Stack, line: OpenHABRequests) -> None:
    """The service is notified when the script is unloaded; what it still sends is refused and not lost."""
    wait_until(lambda: stack.service.door.is_open)
    stack.openhab.control("unload", name="bridge")
    try:
        wait_until(lambda: not stack.service.door.is_open)
        with pytest.raises(DependencyDownError):
            stack.service.door.deliver(line, [_event(channel="sms-received")])
        stack.wait_for(ACCOUNT, "UNINITIALIZED", "HANDLER_MISSING_ERROR")
    finally:
        stack.load()
    stack.wait_for(PHONE, "ONLINE")
    assert _bring(stack, line, _event(channel="sms-received", payload="{}")) == ["done"]


def test_a_goodbye_of_somebody_else_is_corrected(stack: Stack, expected: Expected) -> None:
    """An announcement that was cleared while the script runs (by a late last will) is published again."""
    wait_until(lambda: stack.service.announcement)
    before = stack.service.announcement
    stack.service.exchange._connection.publish("twilio/bridge", b"{}", retain=True)
    wait_until(lambda: stack.service.announcement is None or stack.service.announcement is not before)
    wait_until(lambda: stack.service.announcement == before)


def test_script_that_is_asked_whether_it_is_there(stack: Stack, line: OpenHABRequests) -> None:
    """It answers a call without events, too, with its signature: this proves to the service that the announcement is current."""
    wait_until(lambda: stack.service.door.is_open)
    stack.service.door.doubt()
    assert stack.service.door.has_answered_for(0, line)
