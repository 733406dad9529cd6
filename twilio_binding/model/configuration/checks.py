"""Checks of single parameters: each returns what is wrong with a text, "" when it is right. `normalised` reads a number."""

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
        return "this is no Account SID; replace the example by the SID of your account (Twilio Console)"
    return "this is no Account SID; it is AC and 32 hex digits"


def api_key_sid(sid: str) -> str:
    """The SID of an API key."""
    return "" if re.fullmatch(r"SK[0-9a-fA-F]{32}", sid) else "this is no API key SID; it is SK and 32 hex digits"


def shared_key_id(key: str) -> str:
    """The id of a shared key."""
    is_one = re.fullmatch(r"webhooks_sharedkey_\w+", key)
    return "" if is_one else "this is no id of a SharedKey; it begins with webhooks_sharedkey_"


def phone_number(number: str) -> str:
    """A phone number, however it is written."""
    try:
        parse_e164(number)
    except BadNumberError as error:
        return str(error)
    return ""


def normalised(number: str) -> str:
    """The number in E.164 form; "" for a text that is no number."""
    try:
        return parse_e164(number)
    except BadNumberError:
        return ""


def language(tag: str) -> str:
    """A language tag."""
    is_one = re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}", tag)
    return "" if is_one else "this is no language; it has the form en, de or pt-BR"


def voice(name: str) -> str:
    """The name of one of Twilio's voices."""
    return "" if re.fullmatch(r"[\w.+-]{1,100}", name) else "this is no name of a voice, such as Polly.Amy"


def interpreter(name: str) -> str:
    """The id of one of openHAB's interpreters."""
    return "" if re.fullmatch(r"[\w:.-]{1,60}", name) else "this is no id of an interpreter, such as system"


def pin(text: str) -> str:
    """A PIN; the reason does not repeat it."""
    return "" if Pin.read(text) else "a PIN is 4 to 12 digits in quotes"


def quiet_hours(text: str) -> str:
    """Hours of the day."""
    try:
        QuietHours.read(text)
    except QuietHoursError as error:
        return str(error)
    return ""
