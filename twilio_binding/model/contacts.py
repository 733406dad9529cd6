"""Contacts as configured."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from twilio_binding.model.pins import Pin
from twilio_binding.model.quiet_hours import QuietHours
from twilio_binding.model.uids import ThingUID

Right = Literal["read", "command", "acknowledge"]
Via = Literal["sms", "whatsapp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person whom the service texts and calls through one of the account's phones.

    `phone` and `fallback` are UIDs; `fallback` is "" for none, `language` "" for openHAB's, `voice` "" for Twilio's
    default. The repr does not contain number and PIN.
    """

    uid: ThingUID
    label: str
    bridge: ThingUID
    phone_number: str = field(repr=False)
    phone: str
    via: Via = "sms"
    language: str = ""
    voice: str = ""
    rights: frozenset[Right] = frozenset()
    pin: Pin | None = field(default=None, repr=False)
    quiet_hours: QuietHours | None = None
    fallback: str = ""

    def may(self, right: Right) -> bool:
        """Whether they have a right."""
        return right in self.rights

    @property
    def address(self) -> str:
        """The address for texts to them, in Twilio's form."""
        return f"whatsapp:{self.phone_number}" if self.via == "whatsapp" else self.phone_number
