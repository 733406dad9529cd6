"""The texts of alarms, in the languages of the catalogs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache

from twilio_binding.model.languages import spoken as spoken_as
from twilio_binding.model.sentences.catalogue import Catalogue, catalogue
from twilio_binding.model.sentences.tokens import tokens

_WORDS = ("yes", "yes_alone", "polite", "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmTexts:
    """The texts of one language; names in braces are filled in. `spoken` is the language tag of Twilio's voices.

    `yes` and `all` are possible answers, as tuples of tokens. `yes_alone` are words that also mean yes, but begin many
    sentences about something else. `polite` are words that may accompany a yes without changing it.
    """

    language: str
    spoken: str
    yes: frozenset[tuple[str, ...]]
    yes_alone: frozenset[tuple[str, ...]]
    polite: frozenset[tuple[str, ...]]
    all: frozenset[tuple[str, ...]]
    test: str
    alarm: str
    reply: str
    reply_number: str
    reply_pin: str
    call: str
    keys: str
    keys_without_right: str
    ask_pin: str
    wrong_pin: str
    not_understood: str
    goodbye: str
    no_key: str
    you_took: str
    taken: str
    taken_before: str
    passed: str
    is_over: str
    no_right: str
    need_pin: str
    which: str
    late: str
    is_down: str
    broker: str
    no_update: str
    equal: str
    unequal: str
    below: str
    at_most: str
    above: str
    at_least: str
    lasting: str


def texts_of(*languages: str) -> AlarmTexts:
    """The texts of the first known language, such as `de` or `de-AT`; otherwise the English ones."""
    return _texts(catalogue(*languages))


@cache
def _texts(one: Catalogue) -> AlarmTexts:
    names = [field.name for field in fields(AlarmTexts) if field.name not in ("language", "spoken")]
    said = {name: one.alarm(name) for name in names if name not in _WORDS}
    words = {name: frozenset(tokens(word) for word in one.alarm(name).split(",")) for name in _WORDS}
    return AlarmTexts(language=one.language, spoken=spoken_as(one.language), **words, **said)  # type: ignore[arg-type]
