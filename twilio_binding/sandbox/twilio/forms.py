"""The forms of webhooks, with all the fields that real ones carry."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

_PLACES = {
    "FromCity": "CENTREVILLE",
    "FromState": "VA",
    "FromZip": "22036",
    "FromCountry": "US",
    "ToCity": "COLEMAN",
    "ToState": "MI",
    "ToZip": "48612",
    "ToCountry": "US",
}
_CALL_PLACES = {name.replace("From", "Caller").replace("To", "Called", 1): value for name, value in _PLACES.items()}
API_VERSION = "2010-04-01"


def message(resource: dict[str, Any], media: list[tuple[str, str]], extra: dict[str, str]) -> dict[str, str]:
    """An incoming message; `media` are URLs and content types."""
    is_whatsapp = resource["from"].startswith("whatsapp:")
    form = {
        "ToCountry": "US",
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
    form |= {"ProfileName": "Ada", "WaId": resource["from"][10:], "MessageType": "text"} if is_whatsapp else _PLACES
    for n, (url, content_type) in enumerate(media):
        form |= {f"MediaUrl{n}": url, f"MediaContentType{n}": content_type}
    return form | extra


def message_status(resource: dict[str, Any]) -> dict[str, str]:
    """What became of an outgoing message."""
    form = {
        "MessageSid": resource["sid"],
        "MessageStatus": resource["status"],
        "SmsSid": resource["sid"],
        "SmsStatus": resource["status"],
        "AccountSid": resource["account_sid"],
        "From": resource["from"],
        "To": resource["to"],
        "ApiVersion": API_VERSION,
    }
    if resource["error_code"]:
        form |= {"ErrorCode": str(resource["error_code"])}
    if resource["to"].startswith("whatsapp:"):
        form |= {"ChannelPrefix": "whatsapp", "ChannelToAddress": resource["to"][9:]}
    return form


def call(resource: dict[str, Any]) -> dict[str, str]:
    """The standard fields of everything about a call."""
    form = {
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
    if resource["direction"] == "inbound":
        form |= {"StirVerstat": "TN-Validation-Passed-A", "CallToken": "%7B%22parentCallInfoToken%22%3A%22x%22%7D"}
    return form | _PLACES | _CALL_PLACES


def call_status(resource: dict[str, Any], sequence: int) -> dict[str, str]:
    """One event of an outgoing call."""
    form = call(resource) | {
        "Timestamp": formatdate(usegmt=True),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(sequence),
    }
    if resource["duration"] is not None:
        form |= {"CallDuration": str(resource["duration"]), "Duration": "1", "SipResponseCode": "200"}
    if resource["answered_by"]:
        form["AnsweredBy"] = resource["answered_by"]
    return form
