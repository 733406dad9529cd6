"""The JSON payload of a trigger: the contract's keys first and in order, then further fields of Twilio."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from twilio_binding.model.error_meanings import meaning

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
Keys = dict[str, str]

# payload key <- field of the webhook; not in the add-on, and only if Twilio sent it
EXTRAS: Keys = {
    "errorCode": "ErrorCode",
    "errorMessage": "ErrorMessage",
    "profileName": "ProfileName",
    "buttonText": "ButtonText",
    "buttonPayload": "ButtonPayload",
    "latitude": "Latitude",
    "longitude": "Longitude",
    "address": "Address",
    "label": "Label",
    "speechResult": "SpeechResult",
    "confidence": "Confidence",
    "recordingUrl": "RecordingUrl",
    "recordingSid": "RecordingSid",
    "transcriptionText": "TranscriptionText",
    "answeredBy": "AnsweredBy",
    "callDuration": "CallDuration",
    "direction": "Direction",
    "stirVerstat": "StirVerstat",
    "callerName": "CallerName",
    "forwardedFrom": "ForwardedFrom",
    "optOutType": "OptOutType",
}

_MESSAGE = {"from": "From", "to": "To", "body": "Body", "messageSid": "MessageSid"}
_CALL = {"from": "From", "to": "To", "callSid": "CallSid", "callStatus": "CallStatus"}
_DIGITS = {"digits": "Digits", "callSid": "CallSid", "from": "From", "to": "To"}
_MESSAGE_STATUS = {"messageSid": "MessageSid", "messageStatus": "MessageStatus", "to": "To"}
_CALL_STATUS = {"callSid": "CallSid", "callStatus": "CallStatus", "from": "From", "to": "To"}

_SPOKEN = ("SpeechResult", "Confidence", "RecordingUrl", "RecordingSid", "TranscriptionText")
FIELDS: dict[str, tuple[str, ...]] = {
    "sms": (*_MESSAGE.values(), "NumMedia", "ButtonText", "ButtonPayload", "ProfileName", "OptOutType"),
    "whatsapp": (*_MESSAGE.values(), "NumMedia", "ButtonText", "ButtonPayload", "ProfileName", "OptOutType"),
    "voice": tuple(_CALL.values()),
    "gather": (*_DIGITS.values(), *_SPOKEN),
    "status": (*_MESSAGE_STATUS.values(), *_CALL_STATUS.values(), "ErrorCode"),
}
"""The important fields by endpoint; each must occur once."""


def message(fields: Mapping[str, str], *, handled_by: str = "", contact: str = "") -> str:
    """Payload of sms-received and whatsapp-received, and with `contact` of message-received.

    `handled_by` is who has answered it already, such as `alarm`.
    """
    payload: dict[str, object] = _pick(_MESSAGE, fields)
    count = media_count(fields)
    payload["numMedia"] = fields.get("NumMedia", "0")
    payload["mediaUrls"] = [fields.get(f"MediaUrl{n}", "") for n in range(count)]
    types = [fields.get(f"MediaContentType{n}", "") for n in range(count)]
    return _text(payload | _extras(fields, media_types=types) | _given(handledBy=handled_by, contact=contact))


def call(fields: Mapping[str, str], *, handled_by: str = "") -> str:
    """Payload of call-received."""
    return _text(_pick(_CALL, fields) | _extras(fields) | _given(handledBy=handled_by))


def digits(fields: Mapping[str, str], *, menu: str = "", handled_by: str = "") -> str:
    """Payload of dtmf-received; `menu` is the name from `{gatherUrl:menu}`."""
    return _text(_pick(_DIGITS, fields) | _extras(fields) | _given(menu=menu, handledBy=handled_by))


def message_status(fields: Mapping[str, str], *, request_id: str = "") -> str:
    """Payload of message-status; `request_id` is the action that sent the message."""
    return _text(_pick(_MESSAGE_STATUS, fields) | _extras(fields) | _given(requestId=request_id))


def call_status(fields: Mapping[str, str], *, request_id: str = "") -> str:
    """Payload of call-status-update; `request_id` is the action that made the call."""
    return _text(_pick(_CALL_STATUS, fields) | _extras(fields) | _given(requestId=request_id))


def media_count(fields: Mapping[str, str]) -> int:
    """NumMedia as a number; 0 if it is not a number (Twilio sends at most ten)."""
    text = fields.get("NumMedia", "0")
    return min(int(text), 100) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _pick(keys: Keys, fields: Mapping[str, str]) -> dict[str, object]:
    return {key: fields.get(name, "") for key, name in keys.items()}


def _extras(fields: Mapping[str, str], *, media_types: Sequence[str] = ()) -> dict[str, object]:
    given: dict[str, object] = {}
    for key, name in EXTRAS.items():
        if name in fields:
            given[key] = fields[name]
        if key == "label" and any(media_types):
            given["mediaTypes"] = list(media_types)
    code = fields.get("ErrorCode")
    return given | _given(errorMeaning=meaning(code)) if code else given


def _given(**values: str) -> dict[str, object]:
    return {key: value for key, value in values.items() if value}


def _text(payload: dict[str, object]) -> str:
    text = _encode(payload)
    # Line separators that JSON may contain, but that JavaScript rules and line-based readers do not accept.
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
