"""Twilio in openHAB's Python: `from openhab_twilio import phone, contact, alarm`, and rules on calls, texts and keys."""

from __future__ import annotations

from openhab_twilio.contact import alarm, contact
from openhab_twilio.phone import Phone, Result, phone
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
