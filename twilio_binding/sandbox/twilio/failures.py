"""Twilio's errors: codes, texts, and which numbers bring them about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FailureError(Exception):
    """A refusal as Twilio words it."""

    status: int
    code: int
    message: str

    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


AUTHENTICATE = FailureError(401, 20003, "Authenticate")
NOT_FOUND = FailureError(404, 20404, "The requested resource was not found")
TOO_MANY = FailureError(429, 20429, "Too Many Requests")
NO_TO = FailureError(400, 21604, "A 'To' phone number is required.")
NO_BODY = FailureError(400, 21619, "A text message body or media urls must be specified.")
TOO_LONG = FailureError(400, 21617, "The concatenated message body exceeds the 1600 character limit")
NO_FROM = FailureError(400, 21603, "A 'From' phone number is required.")
NOT_OURS = FailureError(
    400, 21606, "The 'From' phone number provided is not a valid message-capable Twilio phone number"
)
BAD_TO = FailureError(400, 21211, "Invalid 'To' Phone Number")
CALL_TO = FailureError(400, 21201, "No 'To' number is specified")
CALL_FROM = FailureError(400, 21210, "'From' phone number not verified")
NO_INSTRUCTIONS = FailureError(400, 21205, "Url is not a valid URL")
TWIML_TOO_LONG = FailureError(400, 32018, "Twiml parameter exceeds the 4000 character limit")

MESSAGE_TO = {
    "+15005550001": BAD_TO,
    "+15005550002": FailureError(400, 21612, "The message cannot be routed to this number"),
    "+15005550003": FailureError(400, 21408, "Permission to send to this region is not enabled"),
    "+15005550004": FailureError(400, 21610, "The recipient has unsubscribed"),
    "+15005550009": FailureError(400, 21614, "'To' number is not a valid mobile number"),
}
CALL_TO_NUMBERS = {
    "+15005550001": FailureError(400, 21217, "Phone number is not valid"),
    "+15005550003": FailureError(400, 21215, "International calling is not enabled"),
    "+15005550004": FailureError(400, 21216, "This phone number is on the do not call list"),
}

_ADDRESS = re.compile(r"(whatsapp:)?\+\d{7,15}\Z|\d{3,8}\Z|(sip|client):.+\Z")


def check_to(to: str, numbers: dict[str, FailureError]) -> None:
    """Raise the `FailureError` that a recipient brings about."""
    failure = numbers.get(to.removeprefix("whatsapp:"))
    if failure is not None:
        raise failure
    if not _ADDRESS.match(to):
        raise BAD_TO
