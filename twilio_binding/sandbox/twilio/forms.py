"""The forms of webhooks, with all fields of Twilio's."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from math import ceil
from typing import Any
from urllib.parse import quote

from twilio_binding.sandbox.twilio.places import call_places, places
from twilio_binding.sandbox.twilio.signing import Form

API_VERSION = "2010-04-01"
_SIP = {"completed": "200", "busy": "486", "no-answer": "487", "canceled": "487", "failed": "404"}
_INSTALL = "XE00000000000000000000000000000001"


def now() -> str:
    """The time as Twilio writes it."""
    return format_datetime(datetime.now(UTC))


def message(resource: dict[str, Any], media: Sequence[tuple[str, str]], extra: dict[str, str]) -> Form:
    """The webhook of an incoming message. `media` are URLs and content types."""
    form: dict[str, str] = {
        "SmsMessageSid": resource["sid"],
        "NumMedia": str(len(media)),
        "SmsSid": resource["sid"],
        "SmsStatus": "received",
        "Body": resource["body"],
        "To": resource["to"],
        "NumSegments": resource["num_segments"],
        "MessageSid": resource["sid"],
        "AccountSid": resource["account_sid"],
        "From": resource["from"],
        "ApiVersion": API_VERSION,
    }
    if resource["from"].startswith("whatsapp:"):
        who = {"ProfileName": "Ada", "WaId": resource["from"].removeprefix("whatsapp:").lstrip("+")}
        channel = {"type": "whatsapp", "data": {"context": who}}
        kind = media[0][1].partition("/")[0] if media else "text"
        form |= who | {"MessageType": kind, "ReferralNumMedia": "0", "ChannelMetadata": _json(channel)}
    else:
        form |= places(resource["from"], resource["to"])
    for n, (url, content_type) in enumerate(media):
        form |= {f"MediaUrl{n}": url, f"MediaContentType{n}": content_type}
    return {**form, **extra}


def message_status(resource: dict[str, Any]) -> Form:
    """The status callback of an outgoing message."""
    status: str = resource["status"]
    form: Form = {
        "MessageSid": resource["sid"],
        "MessageStatus": status,
        "SmsSid": resource["sid"],
        "SmsStatus": status,
        "AccountSid": resource["account_sid"],
        "From": resource["from"],
        "To": resource["to"],
        "ApiVersion": API_VERSION,
    }
    if resource["error_code"]:
        form |= {"ErrorCode": str(resource["error_code"])}
    if resource["to"].startswith("whatsapp:"):
        form |= {"ChannelPrefix": "whatsapp", "ChannelToAddress": resource["to"].removeprefix("whatsapp:")}
        form |= {"ChannelInstallSid": _INSTALL}
        form |= {"StructuredMessage": "false"} if status == "sent" else {"EventType": status.upper()}
    elif status in ("delivered", "undelivered"):
        form["RawDlrDoneDate"] = datetime.now(UTC).strftime("%y%m%d%H%M")
    return form


def call(resource: dict[str, Any]) -> Form:
    """The fields that all webhooks of a call have."""
    form: Form = {
        "CallSid": resource["sid"],
        "AccountSid": resource["account_sid"],
        "From": resource["from"],
        "To": resource["to"],
        "Caller": resource["from"],
        "Called": resource["to"],
        "CallStatus": resource["status"],
        "ApiVersion": API_VERSION,
        "Direction": resource["direction"],
    }
    if resource["answered_by"]:
        form["AnsweredBy"] = resource["answered_by"]
    return form | places(resource["from"], resource["to"]) | call_places(resource["from"], resource["to"])


def ringing(resource: dict[str, Any]) -> Form:
    """The first webhook of an incoming call. Only this one has the attestation of the caller."""
    claims = base64.urlsafe_b64encode(_json({"callSid": resource["sid"]}).encode()).decode().rstrip("=")
    token = {"parentCallInfoToken": f"eyJhbGciOiJFUzI1NiJ9.{claims}.c2FuZGJveA"}
    return call(resource) | {"StirVerstat": "TN-Validation-Passed-A", "CallToken": quote(_json(token), safe="")}


def call_status(resource: dict[str, Any], sequence: int) -> Form:
    """The status callback of a call."""
    form = call(resource) | {
        "Timestamp": now(),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(sequence),
    }
    if resource["status"] in _SIP:
        seconds = int(resource["duration"] or 0)
        form |= {"CallDuration": str(seconds), "Duration": str(ceil(seconds / 60))}
        if resource["direction"] != "inbound":
            form["SipResponseCode"] = _SIP[resource["status"]]
    return form


def recording(resource: dict[str, Any], sid: str) -> Form:
    """The fields that the action of a Record and its status callback have."""
    account = resource["account_sid"]
    return {
        "RecordingUrl": f"https://api.twilio.com/{API_VERSION}/Accounts/{account}/Recordings/{sid}",
        "RecordingSid": sid,
        "RecordingDuration": "3",
    }


def recording_status(resource: dict[str, Any], sid: str) -> Form:
    """The status callback of a recording."""
    return recording(resource, sid) | {
        "RecordingSource": "RecordVerb",
        "RecordingStatus": "completed",
        "RecordingChannels": "1",
        "ErrorCode": "0",
        "CallSid": resource["sid"],
        "RecordingStartTime": now(),
        "AccountSid": resource["account_sid"],
    }


def transcription(resource: dict[str, Any], sid: str, text: str) -> Form:
    """The callback of a transcription."""
    return (
        call(resource)
        | recording(resource, sid)
        | {"TranscriptionText": text or "(blank)", "TranscriptionStatus": "completed"}
    )


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
