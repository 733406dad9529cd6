"""What Twilio charges a send by: segments, messages or minutes, domestic or abroad. Does not contain prices."""

from __future__ import annotations

from dataclasses import dataclass

import phonenumbers

from twilio_binding.model.actions import MakeCall, Send
from twilio_binding.model.segments import Length, measure

_WHATSAPP = "whatsapp:"
_NOT_GSM = 12
"""Maximum number of named characters that make a text longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostClass:
    """What Twilio counts for one recipient, such as "2 SMS segments", and whether it goes abroad, None if unknown.

    `length` is that of a text; `costly` are the characters that make segments shorter.
    """

    counted: str
    goes_abroad: bool | None
    length: Length | None = None
    costly: str = ""


def cost_class(sender: str, send: Send, to: str) -> CostClass:
    """What Twilio counts if `send` goes from `sender` to one of its recipients."""
    abroad = _goes_abroad(sender, to)
    if isinstance(send, MakeCall):
        return CostClass(counted="a call, by the minute", goes_abroad=abroad)
    if send.whatsapp:
        return CostClass(counted="a WhatsApp message", goes_abroad=abroad)
    if send.media:
        return CostClass(counted="an MMS", goes_abroad=abroad)
    return text_cost(send.body, goes_abroad=abroad)


def text_cost(body: str, *, goes_abroad: bool | None = None) -> CostClass:
    """What Twilio counts for a text by SMS."""
    length = measure(body)
    counted = "1 SMS segment" if length.segments == 1 else f"{length.segments} SMS segments"
    costly = "".join(dict.fromkeys(one for one in body if measure(one).encoding == "UCS-2"))[:_NOT_GSM]
    return CostClass(counted=counted, goes_abroad=goes_abroad, length=length, costly=costly)


def _goes_abroad(sender: str, to: str) -> bool | None:
    countries = {_country(number.removeprefix(_WHATSAPP)) for number in (sender, to)}
    return None if 0 in countries else len(countries) > 1


def _country(number: str) -> int:
    try:
        return int(phonenumbers.parse(number).country_code or 0)
    except phonenumbers.NumberParseException:
        return 0
