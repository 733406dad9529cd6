"""Twilio in openHAB's Python: `from openhab_twilio import phone, contact, alarm`, and rules on calls, texts and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openhab_twilio.contacts import alarm, contact
    from openhab_twilio.phones import Phone, Result, phone
    from openhab_twilio.rules import Incoming, on_call, on_digits, on_sms, on_whatsapp, say

__all__ = [
    "Incoming",
    "Phone",
    "Result",
    "alarm",
    "contact",
    "on_call",
    "on_digits",
    "on_sms",
    "on_whatsapp",
    "phone",
    "say",
]


def __getattr__(name: str) -> object:
    """Load what rules use when they first need it: the script itself does not, and openHAB waits while it loads."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from openhab_twilio import contacts, phones, rules

    for module in (phones, contacts, rules):
        globals().update({known: getattr(module, known) for known in __all__ if hasattr(module, known)})
    return globals()[name]
