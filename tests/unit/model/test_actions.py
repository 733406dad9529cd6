"""Actions: what a request asks for, and why one is refused before Twilio is asked."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twilio_binding.model import actions
from twilio_binding.model.actions import ItemMedia, MakeCall, ProxyMedia, Respond, SendMessage
from twilio_binding.protocol.actions import NAMES
from twilio_binding.protocol.errors import Refusal

_TO = "+15557654321"
_TWO = ["+15557654321", "+15557654322"]
_URL = "https://my.domain.com/p.png"


@pytest.mark.parametrize(
    ("name", "args", "action"),
    [
        ("sendSMS", {"to": _TO, "message": "Hi"}, SendMessage(to=(_TO,), body="Hi")),
        ("sendSMS", {"to": f" {_TO} ", "message": " Hi\n"}, SendMessage(to=(_TO,), body=" Hi\n")),
        ("sendSMS", {"to": _TO, "mediaUrl": _URL}, SendMessage(to=(_TO,), body="", media=(_URL,))),
        ("sendSMS", {"to": _TO, "message": None, "mediaUrl": _URL}, SendMessage(to=(_TO,), body="", media=(_URL,))),
        ("sendSMS", {"to": _TO, "message": "Hi", "mediaUrl": None}, SendMessage(to=(_TO,), body="Hi")),
        ("sendSMS", {"to": _TO, "message": "Hi", "mediaUrl": ""}, SendMessage(to=(_TO,), body="Hi")),
        ("sendSMS", {"to": _TO, "message": "Hi", "mediaUrl": []}, SendMessage(to=(_TO,), body="Hi")),
        ("sendSMS", {"to": _TWO, "message": "Hi"}, SendMessage(to=tuple(_TWO), body="Hi")),
        ("sendSMS", {"to": [*_TWO, *_TWO], "message": "Hi"}, SendMessage(to=tuple(_TWO), body="Hi")),
        (
            "sendSMS",
            {"to": _TO, "mediaUrl": [_URL, f"{_URL}?2"]},
            SendMessage(to=(_TO,), body="", media=(_URL, f"{_URL}?2")),
        ),
        ("sendSMS", {"to": "12345", "message": "Hi"}, SendMessage(to=("12345",), body="Hi")),
        (
            "sendWhatsApp",
            {"to": [_TO, f"whatsapp:{_TO}"], "message": "Hi"},
            SendMessage(to=(f"whatsapp:{_TO}",), body="Hi", whatsapp=True),
        ),
        ("sendSMS", {"to": "+1 (555) 765-4321", "message": "Hi"}, SendMessage(to=(_TO,), body="Hi")),
        ("sendSMS", {"to": [_TO, "tel:+1-555-765-4321"], "message": "Hi"}, SendMessage(to=(_TO,), body="Hi")),
        (
            "sendWhatsApp",
            {"to": "\u202awhatsapp:+52 1 55 1234 5678\u202c", "message": "Hi"},
            SendMessage(to=("whatsapp:+5215512345678",), body="Hi", whatsapp=True),
        ),
        ("makeCall", {"to": _TO, "twiml": " <Response/> "}, MakeCall(to=(_TO,), twiml="<Response/>")),
        (
            "makeCall",
            {"to": "sip:a@b.c", "twiml": "<Response>{gatherUrl:x}</Response>"},
            MakeCall(to=("sip:a@b.c",), twiml="<Response>{gatherUrl:x}</Response>"),
        ),
        (
            "respondWithTwiml",
            {"callSid": " CA1 ", "twiml": " anything "},
            Respond(call_sid="CA1", twiml=" anything "),
        ),
        ("createItemMediaUrl", {"itemName": " Camera "}, ItemMedia(item="Camera")),
        ("createProxyMediaUrl", {"sourceUrl": " http://camera/ "}, ProxyMedia(source="http://camera/")),
    ],
)
def test_actions(name: str, args: dict[str, object], action: object) -> None:
    """Each action of the contract with its arguments, single or as lists."""
    assert actions.read(name, args) == action


@pytest.mark.parametrize("voice", ["", None, "alice", 'Polly.Joanna" x="'])
def test_spoken_text(voice: str | None) -> None:
    """Text and voice of a spoken call are escaped; an empty voice is left out."""
    text = "5 < 6 & \"x\" 'y' Grüße 😀"
    call = actions.read("makeTTSCall", {"to": _TO, "text": text, "voice": voice})
    assert isinstance(call, MakeCall)
    say = ET.fromstring(call.twiml).find("Say")
    assert say is not None
    assert (say.text, say.get("voice")) == (text, voice or None)


@pytest.mark.parametrize(
    ("name", "args", "code", "text"),
    [
        ("sendFax", {}, "unknown_action", "unknown action; use one of sendSMS, sendWhatsApp, makeCall"),
        ("sendsms", {}, "unknown_action", "unknown action"),
        ("", {}, "unknown_action", "unknown action"),
        ("sendSMS", {}, "empty_message", "a message needs a text or a media URL"),
        ("sendSMS", {"to": _TO, "message": " \n"}, "empty_message", "a message needs"),
        ("sendSMS", {"message": "Hi"}, "missing_argument", "to is missing or empty"),
        ("sendSMS", {"to": "", "message": "Hi"}, "missing_argument", "to is missing or empty"),
        ("sendSMS", {"to": None, "message": "Hi"}, "missing_argument", "to is missing or empty"),
        ("sendSMS", {"to": [], "message": "Hi"}, "missing_argument", "to is an empty list"),
        ("sendSMS", {"to": [_TO, ""], "message": "Hi"}, "missing_argument", "to is missing or empty"),
        ("sendSMS", {"to": [_TO, 5], "message": "Hi"}, "bad_argument", "to must be a list of strings"),
        ("sendSMS", {"to": 5, "message": "Hi"}, "bad_argument", "to must be a string"),
        ("sendSMS", {"to": {"a": 1}, "message": "Hi"}, "bad_argument", "to must be a string"),
        ("sendSMS", {"to": _TO, "message": 5}, "bad_argument", "message must be a string"),
        ("sendSMS", {"to": _TO, "message": True}, "bad_argument", "message must be a string"),
        ("sendSMS", {"to": _TO, "message": "\ud83d"}, "bad_argument", "incomplete character"),
        (
            "sendSMS",
            {"to": _TO, "message": "Hi", "text": "x"},
            "bad_argument",
            "sendSMS has no argument 'text'; it has to",
        ),
        ("sendSMS", {"to": "5557654321", "message": "Hi"}, "bad_number", "555***21 does not begin with +"),
        ("sendSMS", {"to": [_TO, "x"], "message": "Hi"}, "bad_number", "*** does not begin with +"),
        ("sendSMS", {"to": f"{_TO},{_TO}", "message": "Hi"}, "bad_number", "characters other than + and digits"),
        ("sendWhatsApp", {"to": "12345", "message": "Hi"}, "bad_number", "does not begin with +"),
        ("sendWhatsApp", {"to": "whatsapp:", "message": "Hi"}, "bad_number", "the phone number is empty"),
        ("sendSMS", {"to": _TO, "message": "x" * 1601}, "too_long", "1600 characters; this one has 1601"),
        ("sendSMS", {"to": [f"+155576{n:05}" for n in range(101)], "message": "Hi"}, "too_many_recipients", "100"),
        ("sendSMS", {"to": _TO, "mediaUrl": [_URL] * 11}, "too_many_media", "10 media URLs"),
        ("sendSMS", {"to": _TO, "mediaUrl": "file:///etc/passwd"}, "bad_media_url", "http or https"),
        ("sendSMS", {"to": _TO, "mediaUrl": "picture.png"}, "bad_media_url", "http or https"),
        ("sendSMS", {"to": _TO, "mediaUrl": "https://"}, "bad_media_url", "http or https"),
        ("sendSMS", {"to": _TO, "mediaUrl": "http://[::1"}, "bad_media_url", "http or https"),
        (
            "sendSMS",
            {"to": _TO, "message": "Hi", "mediaUrl": [_URL, ""]},
            "missing_argument",
            "mediaUrl is missing or empty",
        ),
        ("makeCall", {"to": _TO}, "missing_argument", "twiml is missing or empty"),
        ("makeCall", {"to": _TO, "twiml": "Hello"}, "bad_twiml", "not well-formed"),
        ("makeCall", {"to": _TO, "twiml": f"<Response>{'x' * 4000}</Response>"}, "bad_twiml", "4000 characters"),
        ("makeTTSCall", {"to": _TO, "text": " "}, "missing_argument", "text is missing or empty"),
        ("makeTTSCall", {"to": _TO, "text": "\x07"}, "bad_twiml", "control character"),
        ("makeTTSCall", {"to": _TO, "text": "x", "voice": 1}, "bad_argument", "voice must be a string"),
        ("respondWithTwiml", {"callSid": "CA1"}, "missing_argument", "twiml is missing or empty"),
        ("respondWithTwiml", {"twiml": "<Response/>"}, "missing_argument", "callSid is missing or empty"),
        ("createItemMediaUrl", {"itemName": ["a"]}, "bad_argument", "itemName must be a string"),
        ("createProxyMediaUrl", {}, "missing_argument", "sourceUrl is missing or empty"),
    ],
)
def test_what_is_refused(name: str, args: dict[str, object], code: str, text: str) -> None:
    """Each error has its code and says what is wrong; a retry cannot succeed."""
    with pytest.raises(Refusal) as caught:
        actions.read(name, args)
    assert (caught.value.code, caught.value.retryable) == (code, False)
    assert text in caught.value.message


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_NAMES = ["to", "message", "mediaUrl", "twiml", "text", "voice", "callSid", "itemName", "sourceUrl", "other"]


@given(
    st.sampled_from([*NAMES, "", "nope"]),
    st.dictionaries(st.sampled_from(_NAMES), _VALUES, max_size=4),
    st.booleans(),
)
@settings(max_examples=250, deadline=None)
def test_any_arguments(name: str, args: dict[str, object], with_number: bool) -> None:  # noqa: FBT001
    """Whatever is asked for is an action or a refusal of few words that can be sent."""
    try:
        actions.read(name, args | ({"to": _TO} if with_number else {}))
    except Refusal as refusal:
        assert len(refusal.message.encode()) < 1000  # noqa: PT017
