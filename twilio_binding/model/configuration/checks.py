"""Checks of parameters: each returns what is wrong with a text, "" if nothing is. `normalised` reads a number."""

from __future__ import annotations

import re

from twilio_binding.model.numbers import BadNumberError, parse_e164
from twilio_binding.model.pins import Pin
from twilio_binding.model.quiet_hours import QuietHours, QuietHoursError


def account_sid(sid: str) -> str:
    """An Account SID."""
    if re.fullmatch(r"AC[0-9a-fA-F]{32}", sid):
        return ""
    if re.fullmatch(r"AC[xX.*]+", sid):
        return "this is the SID of the example; replace it with the Account SID from the Twilio Console"
    return "not an Account SID; it must be AC followed by 32 hex digits"


def api_key_sid(sid: str) -> str:
    """The SID of an API key."""
    return (
        "" if re.fullmatch(r"SK[0-9a-fA-F]{32}", sid) else "not an API key SID; it must be SK followed by 32 hex digits"
    )


def shared_key_id(key: str) -> str:
    """The id of a shared key."""
    is_one = re.fullmatch(r"webhooks_sharedkey_\w+", key)
    return "" if is_one else "not a shared key ID; it must begin with webhooks_sharedkey_"


def phone_number(number: str) -> str:
    """A phone number in any form."""
    try:
        parse_e164(number)
    except BadNumberError as error:
        return str(error)
    return ""


def normalised(number: str) -> str:
    """The number in E.164 form; "" for a text that is not a number."""
    try:
        return parse_e164(number)
    except BadNumberError:
        return ""


def language(tag: str) -> str:
    """A language tag."""
    is_one = re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}", tag)
    return "" if is_one else "not a language; use a tag such as en, de or pt-BR"


def voice(name: str) -> str:
    """The name of one of Twilio's voices."""
    return "" if re.fullmatch(r"[\w.+-]{1,100}", name) else "not the name of a voice; use a name such as Polly.Amy"


def interpreter(name: str) -> str:
    """The id of one of openHAB's interpreters."""
    return "" if re.fullmatch(r"[\w:.-]{1,60}", name) else "not the ID of an interpreter; use an ID such as system"


def pin(text: str) -> str:
    """A PIN; the reason does not contain it."""
    return "" if Pin.read(text) else "a PIN must be 4 to 12 digits in quotes"


def quiet_hours(text: str) -> str:
    """Hours of the day."""
    try:
        QuietHours.read(text)
    except QuietHoursError as error:
        return str(error)
    return ""
