"""Phone numbers, and other recipients at Twilio."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

from twilio_binding.masking import mask_number
from twilio_binding.protocol.errors import Refusal

_SHORT_CODE = re.compile(r"[1-9][0-9]{2,7}")
_SIP = re.compile(r"sips?:[^\s@<>]+@[^\s<>]+")
_CLIENT = re.compile(r"client:[\w.@+-]{1,121}")
_WHATSAPP = "whatsapp:"
_TEL = re.compile("^tel:", re.IGNORECASE)
_INVISIBLE = "Cf"
"""Unicode's category of direction marks, zero-width blanks and soft hyphens."""
_DASH = "Pd"
_SEPARATORS = frozenset("()[]./\N{MINUS SIGN}")
_TRUNK_ZERO = "(0)"
_FEWEST_DIGITS, _MOST_DIGITS = 6, 15
_FORM = "E.164, such as +15551234567"
_COUNTRY = "a phone number begins with + and the country code"
_USUAL_SHORT_CODE = 6
"""Digits; most countries have short codes of 3 to 6."""
_DOUBTS = {
    phonenumbers.ValidationResult.INVALID_COUNTRY_CODE: "no country has this code",
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "the area code is missing",
    phonenumbers.ValidationResult.TOO_SHORT: "it is too short",
    phonenumbers.ValidationResult.TOO_LONG: "it is too long",
    phonenumbers.ValidationResult.INVALID_LENGTH: "numbers of this country have another length",
}


class BadNumberError(Refusal):
    """A text that is not a phone number; says why, with the number masked. `unmasked` is for whoever wrote it."""

    def __init__(self, reason: str, number: str = "") -> None:
        super().__init__("bad_number", f"{mask_number(number)} {reason}" if number else reason)
        self.unmasked = f"{number:.60} {reason}" if number else reason


def parse_e164(text: str) -> str:
    """The number in E.164 form (`+` and digits only); raises `BadNumberError` with the reason.

    Blanks, brackets, dashes, dots, slashes, `tel:` and invisible characters are removed.
    """
    written = _TEL.sub("", "".join(_without_marks(text).split()))
    number = "".join(char for char in written if char not in _SEPARATORS and unicodedata.category(char) != _DASH)
    digits = number.removeprefix("+")
    if not number:
        raise BadNumberError("the phone number is empty")
    if digits == number:
        raise BadNumberError(f"does not begin with + and the country code ({_FORM})", number)
    if not (digits.isascii() and digits.isdigit()):
        raise BadNumberError(f"has characters other than + and digits ({_FORM})", number)
    if digits.startswith("0"):
        raise BadNumberError(f"is not a phone number: no country code begins with 0 ({_FORM})", number)
    if len(digits) < _FEWEST_DIGITS:
        raise BadNumberError("is not a phone number: it is too short", number)
    if len(digits) > _MOST_DIGITS:
        raise BadNumberError(f"is not a phone number: it is too long (at most {_MOST_DIGITS} digits)", number)
    return _without_trunk_zero(number) if _TRUNK_ZERO in written else number


def parse_recipient(text: str, *, whatsapp: bool = False) -> str:
    """The recipient of a message or call: E.164, `whatsapp:` + E.164, a short code, `sip:`, `client:`.

    With `whatsapp`, the prefix is added if it is missing.
    """
    recipient = _without_marks(text).strip()
    if whatsapp or recipient.startswith(_WHATSAPP):
        return _WHATSAPP + parse_e164(recipient.removeprefix(_WHATSAPP))
    if any(form.fullmatch(recipient) for form in (_SHORT_CODE, _SIP, _CLIENT)):
        return recipient
    return parse_e164(recipient)


def doubt(recipient: str) -> str:
    """Why a number in E.164 form looks wrong according to the numbering plans, masked; "" if it does not.

    The plans are incomplete: SIM cards of machines, and some WhatsApp numbers, have other lengths.
    """
    number = recipient.removeprefix(_WHATSAPP)
    if not number.startswith("+"):
        is_long = _SHORT_CODE.fullmatch(number) and len(number) > _USUAL_SHORT_CODE
        return f"{mask_number(number)} is taken for a short code; {_COUNTRY}" if is_long else ""
    try:
        reason = _DOUBTS.get(phonenumbers.is_possible_number_with_reason(phonenumbers.parse(number)))
    except phonenumbers.NumberParseException as error:
        is_country = error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
        reason = _DOUBTS[
            phonenumbers.ValidationResult.INVALID_COUNTRY_CODE
            if is_country
            else phonenumbers.ValidationResult.TOO_SHORT
        ]
    return f"{mask_number(number)} may not be a phone number: {reason}" if reason else ""


def _without_marks(text: str) -> str:
    return text if text.isascii() else "".join(char for char in text if unicodedata.category(char) != _INVISIBLE)


def _without_trunk_zero(number: str) -> str:
    """The number without the 0 in `+49 (0)170 …`, in countries whose numbers drop it."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        raise BadNumberError(f"is not a phone number: leave out (0) ({_FORM})", number) from None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
