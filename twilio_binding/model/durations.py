"""Durations in texts: `90`, `60s`, `2 min`, `1.5h`, `1h 30m`."""

from __future__ import annotations

import re

_PART = r"(\d+(?:\.\d+)?) ?([a-z]+)"
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_DURATION = re.compile(rf"(?:{_PART} ?)+")
_PARTS = re.compile(_PART)
_UNITS = {"h": 3600.0, "hour": 3600.0, "hours": 3600.0, "m": 60.0, "min": 60.0, "mins": 60.0, "minute": 60.0}
_UNITS |= {"minutes": 60.0, "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0}
LONGEST = 86_400.0


def read_duration(text: str) -> float | None:
    """The seconds in a text, more than 0 and at most a day; None if it is not a duration. A number alone means seconds."""
    if not text.isascii() or len(text) > 40:
        return None
    lower = f"{text.lower()}s" if _NUMBER.fullmatch(text) else text.lower()
    parts = _PARTS.findall(lower) if _DURATION.fullmatch(lower) else []
    units = [_UNITS.get(unit, 0.0) for _, unit in parts]
    seconds = sum(float(number) * unit for (number, _), unit in zip(parts, units, strict=True))
    is_in_order = all(units) and units == sorted(set(units), reverse=True)
    return seconds if is_in_order and 0 < seconds <= LONGEST else None


def written(seconds: float) -> str:
    """Seconds as text: `45 s`, `5 min`, `2 h 10 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, left = divmod(minutes, 60)
    return f"{hours} h {left} min" if left else f"{hours} h"
