"""Phone numbers and whatever else Twilio sends to."""

from __future__ import annotations

import re

import phonenumbers

from twilio_binding.errors import TwilioBindingError
from twilio_binding.masking import mask_number

_SHORT_CODE = re.compile(r"\d{3,8}\Z")
_SIP = re.compile(r"sips?:[^\s@<>]+@[^\s<>]+\Z")
_CLIENT = re.compile(r"client:[\w.@+-]{1,121}\Z")
_REASONS = {
    phonenumbers.ValidationResult.INVALID_COUNTRY_CODE: "no country has this code",
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "it lacks the area code",
    phonenumbers.ValidationResult.TOO_SHORT: "it is too short",
    phonenumbers.ValidationResult.TOO_LONG: "it is too long",
    phonenumbers.ValidationResult.INVALID_LENGTH: "numbers of this country have another length",
}
_UNREADABLE = {
    phonenumbers.NumberParseException.INVALID_COUNTRY_CODE: "no country has this code",
    phonenumbers.NumberParseException.TOO_LONG: "it is too long",
}


class BadNumberError(TwilioBindingError):
    """A text that is no phone number; says why, with the number masked."""

    code = "bad_number"


def parse_e164(text: str) -> str:
    """`text` when it is a number in E.164 form (`+` and digits only); raises `BadNumberError` with the reason."""
    shown = mask_number(text)
    if not text:
        raise BadNumberError("the phone number is empty")
    if not text.startswith("+"):
        raise BadNumberError(f"{shown} does not begin with + and the country code (E.164, such as +15551234567)")
    if not (text[1:].isascii() and text[1:].isdigit()):
        raise BadNumberError(f"{shown} has other characters than + and digits (E.164, such as +15551234567)")
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException as error:
        reason = _UNREADABLE.get(error.error_type, "it is too short")
        raise BadNumberError(f"{shown} is no phone number: {reason}") from None
    result = phonenumbers.is_possible_number_with_reason(number)
    if result in _REASONS:
        raise BadNumberError(f"{shown} is no phone number: {_REASONS[result]}")
    return text


def parse_recipient(text: str) -> str:
    """Where a message or call may go: E.164, `whatsapp:` + E.164, a short code, `sip:`, `client:`."""
    if text.startswith("whatsapp:"):
        return f"whatsapp:{parse_e164(text.removeprefix('whatsapp:'))}"
    if _SHORT_CODE.match(text) or _SIP.match(text) or _CLIENT.match(text):
        return text
    return parse_e164(text)
