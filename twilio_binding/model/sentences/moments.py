"""Dates and times in openHAB's patterns."""

from __future__ import annotations

import re
from datetime import datetime

from twilio_binding.model.sentences.tokens import plain

_CONVERSION = re.compile(r"%(?:1\$|<)?[tT]([A-Za-z])|%%|%n")
_OF_OPENHAB = "%1$tY-%1$tm-%1$td %1$tH:%1$tM:%1$tS"
"""openHAB's default pattern, which is shown in the short form of the language."""
_FIELDS = {
    "H": "HH", "I": "hh", "k": "H", "l": "h", "M": "mm", "S": "ss", "L": "SSS", "p": "a", "Y": "y", "y": "yy", "m": "MM",
    "d": "dd", "e": "d", "B": "MMMM", "b": "MMM", "h": "MMM", "A": "EEEE", "a": "EEE", "R": "HH:mm", "T": "HH:mm:ss",
    "r": "hh:mm:ss a", "D": "MM/dd/yy", "F": "y-MM-dd",
}  # fmt: skip


def moment_shown(value: str, pattern: str, language: str) -> str:
    """A time in the pattern of its item, such as `%1$tH:%1$tM`."""
    from babel.dates import format_datetime  # noqa: PLC0415 - as in `catalogue`

    try:
        moment = datetime.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        return value
    fields = _CONVERSION.findall(pattern)
    if pattern == _OF_OPENHAB or not any(fields) or any(field and field not in _FIELDS for field in fields):
        # Narrow spaces would double the segments of a message.
        return plain(format_datetime(moment, format="short", locale=language))

    def said(found: re.Match[str]) -> str:
        if not found[1]:
            return "%" if found[0] == "%%" else " "
        return str(format_datetime(moment, format=_FIELDS[found[1]], locale=language))

    return _CONVERSION.sub(said, pattern).strip()
