"""A notification of openHAB Cloud, as the service asks the script for it: the call `notify`."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import Refusal
from .json_fields import json_object, text
from .json_text import to_bytes

FEATURE = "notifications"
"""Stands among the features of a script that can send them now."""
CODE = "no_notifications"
"""The code of a refusal where nothing in openHAB sends notifications."""
_LONGEST = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A text for a user of openHAB Cloud, by the e-mail address of the account; for all of them with ""."""

    text: str
    user: str = ""

    def encode(self) -> bytes:
        """The notification as it travels."""
        return to_bytes({"text": self.text, "user": self.user})

    @classmethod
    def decode(cls, payload: bytes | str) -> Notification:
        """Read a notification; raises `Refusal`."""
        body = json_object(payload)
        found = cls(text=text(body, "text"), user=text(body, "user"))
        if not 0 < len(found.text) <= _LONGEST:
            raise Refusal("malformed", f"a notification has 1 to {_LONGEST} characters")
        return found
