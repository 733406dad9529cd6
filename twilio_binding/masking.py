"""Phone numbers as they may be shown, enough to tell them apart, too little to call them; and no password of a URL."""

from __future__ import annotations

import re

_LOGIN = re.compile(r"(?<=://)[^/@\s]+@")
_NUMBER = re.compile(r"(?<!\w)(\+|%2B)?\d{7,15}(?!\w)")


def mask_number(number: str) -> str:
    """`+15551234567` as `+15***67`; a prefix such as `whatsapp:` stays, anything shorter disappears."""
    prefix, colon, rest = number.rpartition(":")
    if not prefix.isalpha():
        prefix, colon, rest = "", "", number
    shown = f"{rest[:3]}***{rest[-2:]}" if len(rest) > 6 else "***"
    return f"{prefix}{colon}{shown}"


def mask_text(text: str) -> str:
    """`text` with everything that looks like a phone number masked, and without `user:password@` of URLs."""
    return _NUMBER.sub(lambda match: mask_number(match[0]), mask_logins(text))


def mask_logins(text: str) -> str:
    """`text` without `user:password@` of URLs."""
    return _LOGIN.sub("***@", text)
