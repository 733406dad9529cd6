"""PINs in sentences: before, after or in a command, and as a reply of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from twilio_binding.model.sentences.tokens import tokens
from twilio_binding.model.sentences.vocabulary import Vocabulary

_LENGTHS = range(4, 13)
"""Digits that a PIN can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPin:
    """A possible PIN, and the tokens before and after it without words such as "my pin is", of which there are `announcing`."""

    pin: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    announcing: int

    @property
    def rest(self) -> tuple[str, ...]:
        """The sentence without the PIN."""
        return (*self.before, *self.after)

    def cut_from(self, text: str) -> str:
        """The text without the PIN and the words that announce it; unchanged if its digits are not in the text."""
        places = list(re.finditer(rf"(?<!\w){self.pin}(?!\w)", text))
        if not places:
            return text
        place = places[min(self.before.count(self.pin), len(places) - 1)]
        words, after, announcing = text[: place.start()].split(), text[place.end() :], self.announcing
        while words and announcing > 0:
            announcing -= len(tokens(words.pop()))
        before = " ".join(words)
        if not self.after:
            before, after = before.rstrip(" ,;:(-"), "" if tokens(after) else after.lstrip(" .,;:)")
        return f"{before} {after}".strip()


def pins_in(sentence: Sequence[str], vocabulary: Vocabulary) -> Iterator[FoundPin]:
    """Each possible PIN of a sentence, those at its ends first."""
    places = [place for place, token in enumerate(sentence) if token.isdecimal() and len(token) in _LENGTHS]
    for place in sorted(places, key=lambda one: one not in (0, len(sentence) - 1)):
        before, after = _unannounced(sentence[:place], vocabulary), tuple(sentence[place + 1 :])
        if len(before) < place and all(token in vocabulary.idle for token in after):
            after = ()  # "my pin is 1234 please"
        if before or after:
            yield FoundPin(pin=sentence[place], before=before, after=after, announcing=place - len(before))


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
