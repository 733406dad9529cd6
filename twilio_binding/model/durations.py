"""Durations in texts: `90`, `60s`, `2m`, `1.5h`."""

from __future__ import annotations

import re

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(s|m|min|h)?")
_UNITS = {None: 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
LONGEST = 86_400.0


def read_duration(text: str) -> float | None:
    """The seconds in a text, more than 0 and at most a day; None if it is not a duration."""
    match = _DURATION.fullmatch(text.lower()) if text.isascii() and len(text) < 20 else None
    seconds = float(match[1]) * _UNITS[match[2]] if match else 0.0
    return seconds if 0 < seconds <= LONGEST else None


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
