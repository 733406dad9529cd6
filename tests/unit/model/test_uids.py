"""UIDs and channels in openHAB's form."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twilio_binding.model.uids import BadUIDError, ThingUID
from twilio_binding.protocol import channels, thing_types


@pytest.mark.parametrize(
    "text", ["twilio:account:a", "twilio:phone:my-account:my_phone", "mqtt:topic:x:y:z", "a:b:15551234567"]
)
def test_uids(text: str) -> None:
    """A UID is its text, with type and id."""
    uid = ThingUID(text)
    assert uid == text
    assert uid.thing_type == ":".join(text.split(":")[:2])
    assert uid.id == text.rsplit(":", 1)[1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "twilio",
        "twilio:phone",
        "twilio:phone:",
        "twilio::a",
        ":a:b",
        "a:b:c d",
        "a:b:ü",
        "a:b:c\n",
        "a:b:c/d",
        "a:b:c:",
    ],
)
def test_what_is_no_uid(text: str) -> None:
    """Anything else is refused, and the text is named."""
    with pytest.raises(BadUIDError, match="is not a thing UID; use the form binding:type:id"):
        ThingUID(text)


def test_child() -> None:
    """A thing below a bridge carries the bridge's path."""
    assert ThingUID("twilio:account:a").child("phone", "b") == "twilio:phone:a:b"
    with pytest.raises(BadUIDError):
        ThingUID("twilio:account:a").child("phone", "b c")


@given(st.text(max_size=30))
@settings(max_examples=100)
def test_any_text(text: str) -> None:
    """Any text is a UID or refused with our own error."""
    with contextlib.suppress(BadUIDError):
        assert ThingUID(text) == text


@pytest.mark.parametrize(
    ("channel", "label"),
    [
        ("last-message-sid", "Last Message SID"),
        ("last-dtmf-digits", "Last DTMF Digits"),
        ("last-message-media-url", "Last Message Media URL"),
        ("last-call-from", "Last Call From"),
        ("call-status-update", "Call Status Update"),
        ("sms-received", "SMS Received"),
        ("whatsapp-received", "WhatsApp Received"),
        ("dtmf-received", "DTMF Received"),
    ],
)
def test_labels(channel: str, label: str) -> None:
    """A label is the id in title case, abbreviations in capitals."""
    assert [known.label for known in channels.CHANNELS if known.id == channel] == [label]


def test_description() -> None:
    """A phone's channels are published with kind and item type: nine states and six triggers."""
    described = thing_types.describe("twilio:phone:a:b")
    assert len(described) == 15
    assert described[0] == {
        "uid": "twilio:phone:a:b:last-message-body",
        "id": "last-message-body",
        "kind": "STATE",
        "itemType": "String",
        "label": "Last Message Body",
    }
    assert {entry["id"] for entry in described if entry.get("itemType") == "DateTime"} == {
        "last-message-date",
        "last-call-date",
    }
    assert sum(entry["kind"] == "TRIGGER" and "itemType" not in entry for entry in described) == 6
    assert json.dumps(described)
