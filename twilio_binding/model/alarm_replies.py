"""Reads replies to alarms: `1`, `ok`, `1 2`, `ok 4711`, `got it, thanks`, `2`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from twilio_binding.model.alarm_texts import texts_of
from twilio_binding.model.sentences.catalogue import ENGLISH, LANGUAGES
from twilio_binding.model.sentences.tokens import is_clear, tokens

_LONGEST = 60
_SHORTEST_PIN = 4
_KEYS: dict[str, Literal["take", "pass"]] = {"1": "take", "2": "pass"}
_SIGNS = str.maketrans(dict.fromkeys("👍👌✅✔☑🆗", " ok "))
Words = frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmReply:
    """Acknowledge the alarms with these numbers, or pass them on. `is_all` means all open ones; without numbers, the only one."""

    verb: Literal["take", "pass"]
    numbers: tuple[int, ...] = ()
    is_all: bool = False
    pin: str = ""


def read_reply(text: str) -> AlarmReply | None:
    """The meaning of a text as a reply to an alarm; None if it is not one.

    It acknowledges only if every word means yes, or changes nothing: "on my way home" and "ok but I can't" do not.
    Words of all languages are understood.
    """
    if len(text) > _LONGEST or not is_clear(text):
        return None
    verb: Literal["take", "pass"] | None = None
    is_yes = is_all = False
    digits: list[str] = []
    for phrase in _phrases(tokens(with_words(text))):
        word = phrase[0]
        if phrase in _yes(LANGUAGES) or phrase in _yes_alone():
            verb, is_yes = verb or "take", True
        elif verb is None and word in _KEYS:
            verb = _KEYS[word]
        elif word.isascii() and word.isdigit():
            digits.append(word)
        elif verb and phrase in _all():
            is_all = True
        elif phrase not in _polite():
            return None  # the text is about something else
    pins = [word for word in digits if len(word) >= _SHORTEST_PIN]
    if verb is None or (verb == "pass" and is_yes) or len(pins) > 1:
        return None
    return AlarmReply(
        verb=verb,
        numbers=tuple(dict.fromkeys(int(word) for word in digits if len(word) < _SHORTEST_PIN)),
        is_all=is_all,
        pin=pins[0] if pins else "",
    )


def with_words(text: str) -> str:
    """A text with words instead of signs such as a thumb up."""
    return text.translate(_SIGNS)


def begins_like_one(text: str, language: str) -> bool:
    """Whether a text that is not a reply begins like one, in the language of its sender or in English.

    Digits alone do, too: somebody may have written only their PIN, or forgotten the blank in "1 2".
    """
    words = tokens(with_words(text))
    if not words:
        return False
    is_digits = all(word.isascii() and word.isdigit() for word in words)
    return is_digits or words[0] in _KEYS or _first(words, _yes((language, ENGLISH))) is not None


def _phrases(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The longest known phrases in a text, and its other words one by one."""
    known = _yes(LANGUAGES) | _yes_alone() | _all() | _polite()
    while words:
        found = _first(words, known) or words[:1]
        yield found
        words = words[len(found) :]


def _first(words: tuple[str, ...], known: Words) -> tuple[str, ...] | None:
    """The longest known phrase at the beginning of a text; None if there is none."""
    found = (words[:length] for length in range(min(len(words), _longest()), 0, -1))
    return next((phrase for phrase in found if phrase in known), None)


@cache
def _longest() -> int:
    return max(map(len, _yes(LANGUAGES)))


@cache
def _yes(languages: Iterable[str]) -> Words:
    return frozenset(word for language in languages for word in texts_of(language).yes)


@cache
def _yes_alone() -> Words:
    return frozenset(word for language in LANGUAGES for word in texts_of(language).yes_alone)


@cache
def _polite() -> Words:
    return frozenset(word for language in LANGUAGES for word in texts_of(language).polite)


@cache
def _all() -> Words:
    return frozenset(word for language in LANGUAGES for word in texts_of(language).all)
