"""A notification of openHAB Cloud, which the service requests from the script: the call `notify`."""

from __future__ import annotations

from .errors import Refusal
from .json_fields import json_object, text
from .json_text import to_bytes
from .values import dataclass

FEATURE = "notifications"
"""The feature of a script that can send notifications now."""
CODE = "no_notifications"
"""The code of a refusal if nothing in openHAB sends notifications."""
_LONGEST = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A text for a user of openHAB Cloud, by the account's e-mail address, or for all users with ""."""

    text: str
    user: str = ""

    def encode(self) -> bytes:
        """The notification as JSON."""
        return to_bytes({"text": self.text, "user": self.user})

    @classmethod
    def decode(cls, payload: bytes | str) -> Notification:
        """Read a notification; raises `Refusal`."""
        body = json_object(payload)
        found = cls(text=text(body, "text"), user=text(body, "user"))
        if not 0 < len(found.text) <= _LONGEST:
            raise Refusal("malformed", f"a notification has 1 to {_LONGEST} characters")
        return found
