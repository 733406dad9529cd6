"""Events whose runs of the relay rule fail."""

from __future__ import annotations

from twilio_binding.openhab.delivery.by_relay_rule import Suspects
from twilio_binding.openhab.delivery.relay_text import Firing


def event(name: str) -> Firing:
    """An event."""
    return Firing(id=name, thing="twilio:phone:a:b", channel="twilio:phone:a:b:sms-received", payload=name)


def test_event_that_always_fails_is_given_up() -> None:
    """An event that fails alone, often and for long enough, is given up; the others continue."""
    now = 0.0
    suspects = Suspects(clock=lambda: now)
    bad, good = event("bad"), event("good")
    suspects.failed([bad, good], "no")
    assert list(suspects.runs([bad, good], 10)) == [[bad], [good]]
    for _ in range(10):
        now += 1.0
        suspects.failed([bad], "no")
    assert list(suspects.runs([bad, good], 10)) == [[good]]
    assert suspects.given_up([bad, good]) == {"bad": "no"}
    suspects.settle(["bad", "good"])
    assert suspects.given_up([bad, good]) == {}


def test_proxy_that_fails_now_and_then_costs_nothing() -> None:
    """However often an event fails within some seconds, it is tried again."""
    suspects = Suspects(clock=lambda: 1.0)
    for _ in range(50):
        suspects.failed([event("x")], "no")
    assert list(suspects.runs([event("x")], 10)) == [[event("x")]]
    assert suspects.given_up([event("x")]) == {}
