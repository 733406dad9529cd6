"""Contract, section 3: the trigger's payload and the states, for what Twilio sends and for what it might send."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.contract.house import ACCOUNT_SID, LIFETIME, PHONE, PUBLIC_URL, TOKEN, House
from tests.contract.signing import sign
from tests.sids import sid
from twilio_binding.model.error_meanings import meaning

_ROWS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "webhooks.jsonl").read_text(encoding="utf-8").splitlines()
]
_KEYS = {
    "sms-received": ("from", "to", "body", "messageSid", "numMedia", "mediaUrls"),
    "whatsapp-received": ("from", "to", "body", "messageSid", "numMedia", "mediaUrls"),
    "call-received": ("from", "to", "callSid", "callStatus"),
    "dtmf-received": ("digits", "callSid", "from", "to"),
    "message-status": ("messageSid", "messageStatus", "to"),
    "call-status-update": ("callSid", "callStatus", "from", "to"),
}
_EXTRAS = (
    "errorCode",
    "errorMessage",
    "profileName",
    "buttonText",
    "buttonPayload",
    "latitude",
    "longitude",
    "address",
    "label",
    "mediaTypes",
    "speechResult",
    "confidence",
    "recordingUrl",
    "recordingSid",
    "transcriptionText",
    "answeredBy",
    "callDuration",
    "direction",
    "stirVerstat",
    "callerName",
    "forwardedFrom",
    "optOutType",
    "menu",
    "requestId",
)
_DATE = "2026-11-24T08:30:15.123+00:00"
_MESSAGE = {"MessageSid": sid("SM", 1), "From": "+15557654321", "To": "+15551234567", "Body": "Hi", "NumMedia": "0"}


def _field(key: str) -> str:
    return key[0].upper() + key[1:]


def _channel(endpoint: str, form: dict[str, str]) -> str:
    if endpoint == "voice":
        return "call-received"
    if endpoint == "gather":
        return "dtmf-received"
    if endpoint == "status":
        return "message-status" if "MessageSid" in form else "call-status-update"
    return "whatsapp-received" if form["From"].startswith("whatsapp:") else "sms-received"


def _states(channel: str, form: dict[str, str]) -> list[tuple[str, str]]:
    def given(name: str) -> str:
        return form.get(name, "")

    match channel:
        case "sms-received" | "whatsapp-received":
            return [
                ("last-message-body", given("Body")),
                ("last-message-from", given("From")),
                ("last-message-date", _DATE),
                ("last-message-sid", given("MessageSid")),
                ("last-message-media-url", given("MediaUrl0")),
            ]
        case "call-received":
            return [
                ("last-call-from", given("From")),
                ("last-call-status", given("CallStatus")),
                ("last-call-date", _DATE),
            ]
        case "dtmf-received":
            return [("last-dtmf-digits", given("Digits"))]
        case "call-status-update":
            return [("last-call-status", given("CallStatus"))]
        case _:
            return []


def _expected(channel: str, form: dict[str, str]) -> dict[str, object]:
    """The payload according to the contract."""
    payload: dict[str, object] = {key: form.get(_field(key), "") for key in _KEYS[channel]}
    if "mediaUrls" in payload:
        count = int(form.get("NumMedia", "0"))
        payload["numMedia"] = form.get("NumMedia", "0")
        payload["mediaUrls"] = [form[f"MediaUrl{number}"] for number in range(count)]
        if count:
            payload["mediaTypes"] = [form[f"MediaContentType{number}"] for number in range(count)]
    payload |= {key: form[_field(key)] for key in _EXTRAS if _field(key) in form}
    in_words = meaning(form.get("ErrorCode", ""))
    return payload | ({"errorMeaning": in_words} if in_words else {})


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row["id"])
def test_what_twilio_really_sends(house: House, row: dict[str, Any]) -> None:
    """Each recorded webhook sets its states in order, then fires its trigger with all keys, and no others."""
    pairs = [(name, ACCOUNT_SID if name == "AccountSid" else value) for name, value in row["form"]]
    if row["method"] == "GET":
        target = f"/twilio/callback/{PHONE}/{row['endpoint']}?{urlencode(pairs)}"
        answer = house.ask("GET", target, headers={"X-Twilio-Signature": sign(TOKEN, PUBLIC_URL + target)})
    else:
        answer = house.post(row["endpoint"], pairs)
    assert answer.status == 200
    (event,) = house.events()
    form = dict(pairs)
    assert event.channel == _channel(row["endpoint"], form)
    assert list(event.states) == _states(event.channel, form)
    payload = json.loads(event.payload)
    assert payload == _expected(event.channel, form)
    assert tuple(payload)[: len(_KEYS[event.channel])] == _KEYS[event.channel]
    extras = [key for key in payload if key in _EXTRAS]
    assert extras == sorted(extras, key=_EXTRAS.index)
    assert event.urgent is (row["endpoint"] in ("voice", "gather"))
    assert event.lifetime == (10 if event.urgent else LIFETIME)
    assert json.dumps(payload, ensure_ascii=False, separators=(",", ":")) == event.payload


_SM, _CA = {"MessageSid": sid("SM")}, {"CallSid": sid("CA")}


@pytest.mark.parametrize(
    ("endpoint", "fields", "payload"),
    [
        (
            "sms",
            _SM,
            '{"from":"","to":"","body":"","messageSid":"%s","numMedia":"0","mediaUrls":[]}'.replace("%s", sid("SM")),
        ),
        ("voice", _CA, '{"from":"","to":"","callSid":"%s","callStatus":""}'.replace("%s", sid("CA"))),
        ("gather", _CA, '{"digits":"","callSid":"%s","from":"","to":""}'.replace("%s", sid("CA"))),
        ("status", {"MessageSid": ""}, '{"messageSid":"","messageStatus":"","to":""}'),
        ("status", {"CallSid": ""}, '{"callSid":"","callStatus":"","from":"","to":""}'),
    ],
)
def test_fields_that_were_not_sent(house: House, endpoint: str, fields: dict[str, str], payload: str) -> None:
    """Missing fields are empty texts, and no extra key appears."""
    assert house.post(endpoint, fields).status == 200
    assert [event.payload for event in house.events()] == [payload]


def test_payload_text(house: House) -> None:
    """The payload is compact, and escapes only control characters and the two line separators."""
    body = "Grüße 😀 <b>&'=\"\\ \x7f\x9f\u2028\u2029\x01\r\n\t"
    house.post("sms", _MESSAGE | {"Body": body})
    (event,) = house.events()
    text = event.payload
    assert "Grüße 😀 <b>&'=" in text
    assert r"\"\\ " in text
    assert "\x7f\x9f\\u2028\\u2029\\u0001\\r\\n\\t" in text
    assert json.loads(text)["body"] == body
    assert dict(event.states)["last-message-body"] == body


@pytest.mark.parametrize(
    ("number", "urls"),
    [
        ("0", []),
        ("1", ["https://m/0"]),
        ("2", ["https://m/0", "https://m/1"]),
        ("3", ["https://m/0", "https://m/1", ""]),
        ("abc", []),
        ("-1", []),
        ("", []),
        ("1.0", []),
        ("٣", []),
        ("99999999999", []),
    ],
)
def test_number_of_media(house: House, number: str, urls: list[str]) -> None:
    """NumMedia is passed on as it came; the list has that many entries, none for what is not a number."""
    media = {f"MediaUrl{n}": f"https://m/{n}" for n in range(2)}
    house.post("sms", _MESSAGE | media | {"NumMedia": number})
    payload = house.payload()
    assert (payload["numMedia"], payload["mediaUrls"]) == (number, urls)


def test_media_url_state(house: House) -> None:
    """The first media URL is a state even if NumMedia is 0; the next message without one clears it."""
    house.post("sms", _MESSAGE | {"MediaUrl0": "https://m/0"})
    house.post("sms", _MESSAGE | {"MessageSid": sid("SM", 2)})
    assert [dict(event.states)["last-message-media-url"] for event in house.events()] == ["https://m/0", ""]


@pytest.mark.parametrize("endpoint", ["sms", "whatsapp"])
@pytest.mark.parametrize(
    ("sender", "channel"),
    [
        ("whatsapp:+15557654321", "whatsapp-received"),
        ("+15557654321", "sms-received"),
        ("WhatsApp:+15557654321", "sms-received"),
        ("rcs:agent", "sms-received"),
        ("", "sms-received"),
    ],
)
def test_whatsapp_is_told_by_its_sender(house: House, endpoint: str, sender: str, channel: str) -> None:
    """The exact prefix of From decides, not the endpoint; it stays in the payload and the state."""
    house.post(endpoint, _MESSAGE | {"From": sender})
    (event,) = house.events()
    assert event.channel == channel
    assert dict(event.states)["last-message-from"] == sender == json.loads(event.payload)["from"]


@pytest.mark.parametrize(
    ("fields", "channel"),
    [
        ({"MessageSid": sid("SM", 1), "CallSid": sid("CA", 1)}, "message-status"),
        ({"MessageSid": "", "CallSid": sid("CA", 1)}, "message-status"),
        ({"SmsSid": sid("SM", 1), "CallSid": sid("CA", 1)}, "call-status-update"),
    ],
)
def test_what_a_status_callback_is_about(house: House, fields: dict[str, str], channel: str) -> None:
    """With a MessageSid, even an empty one, it is a message; otherwise with a CallSid it is a call."""
    house.post("status", fields)
    assert [event.channel for event in house.events()] == [channel]


def test_status_callback_about_nothing(house: House) -> None:
    """Without either SID nothing happens."""
    assert house.post("status", {"SmsSid": sid("SM", 1), "SmsStatus": "sent"}).status == 200
    assert house.events() == []


@pytest.mark.parametrize(
    "fields", [{"MessageSid": sid("SM", 1), "MessageStatus": "sent"}, {"CallSid": sid("CA", 1), "CallStatus": "busy"}]
)
def test_request_id_comes_back(house: House, fields: dict[str, str]) -> None:
    """The id of the action that caused a status callback is the last key."""
    house.post("status", fields, query="?request=a%2Fb+c")
    payload = house.payload()
    assert payload["requestId"] == "a/b c"
    assert list(payload)[-1] == "requestId"


def test_menu_comes_back(house: House) -> None:
    """The name of the menu is the last key of dtmf-received; a field with that name does not count."""
    house.post(
        "gather", {"CallSid": sid("CA", 1), "Digits": "1", "menu": "forged", "Menu": "forged"}, query="?menu=fire"
    )
    payload = house.payload()
    assert payload["menu"] == "fire"
    assert list(payload)[-1] == "menu"


def test_menu_is_of_gathers_only(house: House) -> None:
    """A query on another endpoint adds nothing to its payload."""
    house.post("sms", _MESSAGE, query="?menu=fire&request=x")
    assert not {"menu", "requestId"} & house.payload().keys()


def test_repeated_names(house: House) -> None:
    """Of a repeated name, the first value counts; an important field that is repeated cannot come from Twilio."""
    house.post("sms", [("ErrorMessage", "first"), ("ErrorMessage", "second"), ("MessageSid", sid("SM", 1))])
    assert house.payload()["errorMessage"] == "first"
    for name, value in (("Body", "Hi"), ("From", "+15557654321"), ("To", "+15551234567")):
        twice = [(name, value), (name, value + "1"), ("MessageSid", sid("SM", 2))]
        assert house.post("sms", twice).status == 400
    assert len(house.events()) == 1
