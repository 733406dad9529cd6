"""Twilio's errors: codes, messages, and the test numbers that cause them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class FailureError(Exception):
    """An error of Twilio's REST API: HTTP status, code and message."""

    status: int
    code: int
    message: str

    def body(self) -> dict[str, Any]:
        """The body of the answer, before encoding."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


AUTHENTICATE = FailureError(401, 20003, "Authenticate")
NOT_ACTIVE = FailureError(403, 20005, "Account not active")
BAD_PARAMETER = FailureError(400, 20001, "Invalid parameter")
NO_SUCH_METHOD = FailureError(405, 20004, "Method not allowed")
NOT_FOUND = FailureError(404, 20404, "The requested resource was not found")
TOO_MANY = FailureError(429, 20429, "Too Many Requests")
BROKEN = FailureError(500, 20500, "An internal server error has occurred")

NO_TO = FailureError(400, 21604, "A 'To' phone number is required.")
NO_BODY = FailureError(400, 21619, "A text message body or media urls must be specified.")
TOO_LONG = FailureError(400, 21617, "The concatenated message body exceeds the 1600 character limit")
NO_FROM = FailureError(400, 21603, "A 'From' phone number is required.")
BAD_FROM = FailureError(400, 21212, "Invalid 'From' Phone Number")
QUEUE_FULL = FailureError(429, 21611, "The 'From' phone number has exceeded the maximum number of queued messages")
NOT_OURS = FailureError(
    400, 21606, "The 'From' phone number provided is not a valid message-capable Twilio phone number"
)
BAD_TO = FailureError(400, 21211, "Invalid 'To' Phone Number")
OPTED_OUT = FailureError(400, 21610, "Attempt to send to unsubscribed recipient")
UNVERIFIED = FailureError(
    400, 21608, "The number is unverified. Trial accounts cannot send messages to unverified numbers"
)
BAD_MEDIA = FailureError(400, 21620, "Invalid media URL(s)")
BAD_CALLBACK = FailureError(400, 21609, "The 'StatusCallback' URL is not a valid URL")
BAD_PAIR = FailureError(400, 21910, "The 'From' and 'To' pair is of different channels")
NOT_CANCELABLE = FailureError(400, 30409, "The message is not in a state in which this is possible")

NO_CALL_TO = FailureError(400, 21201, "No 'To' number is specified")
NO_CALL_FROM = FailureError(400, 21213, "The 'From' phone number is missing")
CALL_FROM = FailureError(400, 21210, "'From' phone number not verified")
BAD_URL = FailureError(400, 21205, "Url is not a valid URL")
TWIML_TOO_LONG = FailureError(400, 32018, "Twiml parameter exceeds the 4000 character limit")
CALL_IS_OVER = FailureError(400, 21220, "Call is not in-progress. Cannot redirect.")
BAD_NUMBER_URL = FailureError(400, 21402, "The URL is not valid")
BAD_METHOD = FailureError(400, 21403, "The method is neither GET nor POST")

MESSAGE_FROM = {"+15005550001": BAD_FROM, "+15005550007": NOT_OURS, "+15005550008": QUEUE_FULL}
MESSAGE_TO = {
    "+15005550001": BAD_TO,
    "+15005550002": FailureError(400, 21612, "The message cannot be routed to this number"),
    "+15005550003": FailureError(400, 21408, "Permission to send to this region is not enabled"),
    "+15005550004": OPTED_OUT,
    "+15005550009": FailureError(400, 21614, "'To' number is not a valid mobile number"),
}
CALL_TO = {
    "+15005550001": FailureError(400, 21217, "Phone number is not valid"),
    "+15005550002": FailureError(400, 21214, "'To' phone number cannot be reached"),
    "+15005550003": FailureError(400, 21215, "International calling is not enabled"),
    "+15005550004": FailureError(400, 21216, "This phone number is on the do not call list"),
}
ALWAYS_OURS = "+15005550006"
"""The valid sender with Twilio's test credentials."""

_ADDRESS = re.compile(r"(whatsapp:)?\+[1-9]\d{6,14}\Z|\d{3,8}\Z|(sip|client):.+\Z")
_FATE = re.compile(r"(?:whatsapp:)?\+150055([36]\d{4})\Z")


def check_to(to: str, numbers: dict[str, FailureError]) -> None:
    """Raise the `FailureError` that this recipient causes."""
    failure = numbers.get(to.removeprefix("whatsapp:"))
    if failure is not None:
        raise failure
    if not _ADDRESS.match(to):
        raise BAD_TO


def check_url(url: str, otherwise: FailureError) -> None:
    """Raise `otherwise` unless `url` is an HTTP or HTTPS URL. As at Twilio, underscores in host names are invalid."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise otherwise from None
    if parts.scheme not in ("http", "https") or not parts.hostname or "_" in parts.hostname:
        raise otherwise


def fate(to: str) -> tuple[str, int]:
    """The last status and the error code of a message. +150055 and an error code in 3xxxx or 6xxxx gives that error.

    For example, +15005530003 is `undelivered` with 30003, and whatsapp:+15005563016 is `failed` with 63016.
    """
    magic = _FATE.match(to)
    if magic is None:
        return "delivered", 0
    return "undelivered" if magic[1][0] == "3" else "failed", int(magic[1])
