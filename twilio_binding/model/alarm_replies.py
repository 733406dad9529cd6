"""Reads replies to alarms: `1`, `ok`, `1 2`, `ok 4711`, `2`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from twilio_binding.model.alarm_texts import texts_of
from twilio_binding.model.sentences.catalogue import ENGLISH, LANGUAGES
from twilio_binding.model.sentences.tokens import tokens

_LONGEST = 60
_SHORTEST_PIN = 4
_KEYS = {("1",), ("2",)}
Words = frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmReply:
    """Take the alarms with these numbers, or pass them on; `is_all` means all that are open, no number means the one."""

    verb: Literal["take", "pass"]
    numbers: tuple[int, ...] = ()
    is_all: bool = False
    pin: str = ""


def read_reply(text: str, language: str = "") -> AlarmReply | None:
    """What a text means as an answer to an alarm; None when it is none.

    A word for yes stands alone, or with numbers, in any language that is known; with other words only in the language of who
    writes, or in English.
    """
    words = tokens(text)
    if not words or len(text) > _LONGEST:
        return None
    verb = _first(words, _yes(LANGUAGES) | _yes_alone() | _KEYS)
    if not verb:
        return None
    others = words[len(verb) :]
    digits = [word for word in others if word.isascii() and word.isdigit()]
    pins = [word for word in digits if len(word) >= _SHORTEST_PIN]
    is_all = any((word,) in _all() for word in others)
    is_more = len(pins) > 1 or len(others) > len(digits) + is_all
    if is_more and not _first(words, _yes((language, ENGLISH))):
        return None  # somebody writes about something else
    return AlarmReply(
        verb="pass" if verb == ("2",) else "take",
        numbers=tuple(dict.fromkeys(int(word) for word in digits if len(word) < _SHORTEST_PIN)),
        is_all=is_all,
        pin=pins[0] if pins else "",
    )


def _first(words: tuple[str, ...], known: Words | set[tuple[str, ...]]) -> tuple[str, ...]:
    """The longest of the known words that a text begins with; () for none."""
    found = (words[:length] for length in range(min(len(words), 4), 0, -1))
    return next((word for word in found if word in known), ())


@cache
def _yes(languages: Iterable[str]) -> Words:
    return frozenset(word for language in languages for word in texts_of(language).yes)


@cache
def _yes_alone() -> Words:
    return frozenset(word for language in LANGUAGES for word in texts_of(language).yes_alone)


@cache
def _all() -> Words:
    return frozenset(word for language in LANGUAGES for word in texts_of(language).all)
