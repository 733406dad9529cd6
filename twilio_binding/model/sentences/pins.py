"""PINs in sentences: before, after or in a command, and as a reply of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from twilio_binding.model.sentences.vocabulary import Vocabulary

_LENGTHS = range(4, 13)
"""Digits that a PIN can have."""


def pins_in(sentence: Sequence[str], vocabulary: Vocabulary) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each possible PIN of a sentence, those at its ends first, and the sentence without it and words such as "my pin is"."""
    places = [place for place, token in enumerate(sentence) if token.isdecimal() and len(token) in _LENGTHS]
    for place in sorted(places, key=lambda one: one not in (0, len(sentence) - 1)):
        if rest := (*_unannounced(sentence[:place], vocabulary), *sentence[place + 1 :]):
            yield sentence[place], rest


def only_digits(sentence: Sequence[str], vocabulary: Vocabulary) -> str:
    """The number that a reply consists of, besides polite words and words such as "my pin is"; "" for other replies."""
    sentence = [token if token in vocabulary.idle else vocabulary.numbers.small(token) for token in sentence]
    digits = [place for place, token in enumerate(sentence) if token.isdecimal()]
    if len(digits) != 1:
        return ""
    (place,) = digits
    others = (*_unannounced(sentence[:place], vocabulary), *sentence[place + 1 :])
    return sentence[place] if all(token in vocabulary.idle for token in others) else ""


def _unannounced(before: Sequence[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    """The words before a PIN, without those at their end that announce it."""
    lengths = range(min(max(map(len, vocabulary.before_pins)), len(before)), 0, -1)
    announced = next((one for one in lengths if tuple(before[-one:]) in vocabulary.before_pins), 0)
    return tuple(before[: len(before) - announced])
