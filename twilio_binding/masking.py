"""Masks texts for display and log.

Masked phone numbers can be told apart, but not called. Masked URLs contain no password.
"""

from __future__ import annotations

import re

_LOGIN = re.compile(r"(?<=://)[^/\s]+@")
_NUMBER = re.compile(r"(?<!\w)(\+|%2B)?\d{7,15}(?!\w)")
_FULL, _SHORT = 10, 7
"""Characters of a number that are enough to show its begin and its end, and its end only."""
_LONGEST = 8000
"""Maximum characters of a field in the log."""
# Senders choose some of what is logged, so it must not add lines or control the terminal.
# The renderers escape line feeds.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(0x7F, 0xA0)) if code != ord("\n")}
_CONTROLS |= {code: f"\\u{code:04x}" for code in (0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def mask_number(number: str) -> str:
    """`+15551234567` as `+15***67`; of a shorter one, at most the end stays. A prefix such as `whatsapp:` stays."""
    prefix, colon, rest = number.rpartition(":")
    if not prefix.isalpha():
        prefix, colon, rest = "", "", number
    begin = rest[:3] if len(rest) >= _FULL else ""
    end = rest[-2:] if len(rest) >= _SHORT else ""
    return f"{prefix}{colon}{begin}***{end}"


def mask_text(text: str) -> str:
    """`text` with everything masked that looks like a phone number, and without `user:password@` of URLs."""
    return _NUMBER.sub(lambda match: mask_number(match[0]), mask_logins(text))


def mask_logins(text: str) -> str:
    """`text` without `user:password@` of URLs."""
    return _LOGIN.sub("***@", text)


def loggable(text: str, *, is_masked: bool = True) -> str:
    """`text` for the log: shortened, masked, and without control characters."""
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]} (cut)"
    return (mask_text(text) if is_masked else text).translate(_CONTROLS)
