"""PINs in sentences: before, after or in a command, and as a reply of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from twilio_binding.model.sentences.vocabulary import PIN, Vocabulary

_LENGTHS = range(4, 13)
"""Digits that a PIN can have."""


def pins_in(sentence: Sequence[str], vocabulary: Vocabulary) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each possible PIN of a sentence, those at its ends first, and the sentence without it and words such as "my pin is"."""
    places = [place for place, token in enumerate(sentence) if token.isdecimal() and len(token) in _LENGTHS]
    for place in sorted(places, key=lambda one: one not in (0, len(sentence) - 1)):
        before, after = tuple(sentence[:place]), tuple(sentence[place + 1 :])
        lengths = range(min(vocabulary.longest, len(before)), 0, -1)
        words = next((length for length in lengths if PIN in vocabulary.meanings(before[-length:])), 0)
        if rest := before[: len(before) - words] + after:
            yield sentence[place], rest


def only_digits(sentence: Sequence[str], vocabulary: Vocabulary) -> str:
    """The number that a reply consists of, besides polite words and words such as "my pin is"; "" for other replies."""
    digits = [place for place, token in enumerate(sentence) if token.isdecimal()]
    if len(digits) != 1:
        return ""
    (place,) = digits
    before = tuple(sentence[:place])
    lengths = range(min(vocabulary.longest, place), 0, -1)
    words = next((length for length in lengths if PIN in vocabulary.meanings(before[-length:])), 0)
    others = (*before[: place - words], *sentence[place + 1 :])
    return sentence[place] if all(token in vocabulary.idle for token in others) else ""
