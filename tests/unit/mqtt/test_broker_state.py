"""The phases of a connection to the broker, and the version of MQTT that is spoken."""

from __future__ import annotations

import pytest
from paho.mqtt.enums import MQTTProtocolVersion

from twilio_binding.mqtt.broker_state import BrokerState, Happening
from twilio_binding.mqtt.dialect import Dialect

FIVE, THREE = MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311


@pytest.mark.parametrize(
    ("happenings", "is_up", "is_down"),
    [
        ([], False, False),
        (["open"], False, False),
        (["open", "greet"], False, False),
        (["open", "greet", "serve"], True, False),
        (["open", "greet", "serve", "break"], False, False),
        (["open", "greet", "serve", "end"], False, False),
        (["open", "greet", "serve", "break", "end", "open"], False, False),
        (["open", "greet", "serve", "break", "end", "open", "end"], False, True),
        (["open", "refuse"], False, True),
        (["open", "refuse", "break", "end"], False, True),
        (["open", "end"], False, True),
        (["open", "end", "open"], False, True),
        (["open", "end", "open", "greet", "serve"], True, False),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else None,
)
def test_phases(happenings: list[Happening], is_up: bool, is_down: bool) -> None:  # noqa: FBT001
    """Up from the subscriptions to the end; down from the end of a failed attempt until the broker greets."""
    state = BrokerState(place="here")
    for happening in happenings:
        state.happened(happening)
    assert (state.is_up, state.is_down) == (is_up, is_down)
    assert state.wait(0) is is_up


def test_reason_is_told_once_until_it_changes() -> None:
    """A broker that stays down is logged once, and again after another reason in between."""
    state, told = BrokerState(place="mqtt.url is mqtt://here:1883"), list[str]()
    state.failed.subscribe(told.append)
    for reason in ("a", "a", "b"):
        state.happened("open")
        state.blame(reason)
        state.happened("end")
    state.happened("open")
    state.happened("greet")
    assert not state.reason
    state.blame("b")
    assert told == [f"{reason}; mqtt.url is mqtt://here:1883" for reason in ("a", "b", "b")]


def test_versions_are_tried_in_turn_until_the_broker_greets() -> None:
    """A broker without MQTT 5 is used with 3.1.1, and one that was only slow with MQTT 5 again."""
    dialect = Dialect()
    assert dialect.version == FIVE
    assert dialect.rejected()
    assert dialect.version == THREE
    assert dialect.rejected()
    assert dialect.version == FIVE
    dialect.rejected()
    dialect.greeted()
    assert not dialect.rejected()
    assert dialect.version == THREE
