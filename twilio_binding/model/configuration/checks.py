"""Checks of single parameters: each returns what is wrong with a text, "" when it is right. `normalised` reads a number."""

from __future__ import annotations

import re

from twilio_binding.model.numbers import BadNumberError, parse_e164


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
