"""Contacts as they are configured."""

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
    """A person whom the service writes to and calls through one of the account's phones.

    `phone` and `fallback` are UIDs, `fallback` is "" for none; `language` is "" where openHAB's is meant, `voice` is ""
    for Twilio's own. The number and the PIN are not part of its repr.
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
        """Where texts to them go, as Twilio writes it."""
        return f"whatsapp:{self.phone_number}" if self.via == "whatsapp" else self.phone_number
