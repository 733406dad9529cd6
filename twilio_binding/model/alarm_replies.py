"""What somebody means who answers an alarm by text: `1`, `ok`, `1 2`, `ok 4711`, `2`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from twilio_binding.model.alarm_texts import LANGUAGES, texts_of

_WORD = re.compile(r"\w+")
_LONGEST = 60
_SHORTEST_PIN = 4
_YES = frozenset(word for language in LANGUAGES for word in texts_of(language).yes)
_ALL = frozenset(word for language in LANGUAGES for word in texts_of(language).all)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmReply:
    """Take the alarms with these numbers, or pass them on; `is_all` means all that are open, no number means the one."""

    verb: Literal["take", "pass"]
    numbers: tuple[int, ...] = ()
    is_all: bool = False
    pin: str = ""


def read_reply(text: str) -> AlarmReply | None:
    """What a text means as an answer to an alarm; None when it is none. All languages are understood at any time."""
    words = _WORD.findall(text.lower())
    if not words or len(text) > _LONGEST:
        return None
    first, *others = words
    if first not in _YES and first not in ("1", "2"):
        return None
    pins = [word for word in others if word.isascii() and word.isdigit() and len(word) >= _SHORTEST_PIN]
    numbers = [int(word) for word in others if word.isascii() and word.isdigit() and len(word) < _SHORTEST_PIN]
    is_all = any(word in _ALL for word in others)
    is_more = len(pins) > 1 or len(others) > len(pins) + len(numbers) + is_all
    if is_more and first not in _YES:
        return None  # somebody writes about something else
    return AlarmReply(
        verb="pass" if first == "2" else "take",
        numbers=tuple(dict.fromkeys(numbers)),
        is_all=is_all,
        pin=pins[0] if pins else "",
    )
