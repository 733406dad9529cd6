"""What words mean in the language of a contact; in English, each language is understood along with its own."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from twilio_binding.model.sentences.catalogue import ENGLISH, Catalogue, catalogue
from twilio_binding.model.sentences.tokens import tokens

COLORS = {
    "RED": "0,100,100",
    "ORANGE": "30,100,100",
    "YELLOW": "60,100,100",
    "GREEN": "120,100,100",
    "CYAN": "180,100,100",
    "BLUE": "240,100,100",
    "PURPLE": "280,100,100",
    "PINK": "320,60,100",
    "WHITE": "0,0,100",
    "WARM_WHITE": "30,35,100",
    "COLD_WHITE": "210,12,100",
}
"""Colors by meaning, as openHAB takes them: hue, saturation, brightness."""
UNITS = {"PERCENT": "%", "CELSIUS": "°C", "FAHRENHEIT": "°F", "DEGREES": ""}
"""Units by meaning, as openHAB takes them; "" where the item says which degrees are meant."""
TO = "TO"
"""Stands before a number that is the new value itself."""
CLOCKS = ("CLOCK", "AM", "PM")
"""What follows a number that is a time."""
FILLER, COURTESY, PREPOSITION, QUESTION, QUALITY, POLITE, NEGATION, ALL = (
    *("FILLER", "COURTESY", "PREPOSITION", "QUESTION", "QUALITY", "POLITE", "NEGATION", "ALL"),
)
"""Words that are no values: COURTESY is as well to be left out, but not from a name."""
KEYWORDS = ("STATUS", "LIST", "HELP", "UNDO", "YES", "NO", "LATER")
_MANNERS = frozenset((FILLER, COURTESY, PREPOSITION, QUESTION, QUALITY, POLITE, NEGATION, ALL, TO, *CLOCKS, *KEYWORDS))
_IDLE = frozenset((FILLER, COURTESY, POLITE))
_WHOLE = ("YES", "LATER")
"""Keywords that are the whole sentence: "can you confirm" confirms nothing."""


class Vocabulary:
    """The words of a language, by their tokens."""

    def __init__(self, *catalogues: Catalogue) -> None:
        self._meanings: dict[tuple[str, ...], set[str]] = {}
        self.colors: dict[str, str] = {}
        for one in catalogues:
            for meaning, words in one.words():
                for word in words:
                    self._meanings.setdefault(tokens(word), set()).add(meaning)
        self.known = frozenset(token for word in self._meanings for token in word)
        self.longest = max(len(word) for word in self._meanings)
        self.plain = tuple(
            word[0]
            for word, found in self._meanings.items()
            if len(word) == 1 and len(word[0]) > 3 and found != {QUALITY}
        )
        """Words in which typing errors are forgiven; not those beside a number, where "warmer" is not "warm"."""

        self.idle = tuple(word[0] for word, found in self._meanings.items() if len(word) == 1 and found <= _IDLE)
        """Words that may be left out."""

    def meanings(self, word: Iterable[str]) -> frozenset[str]:
        """All that some tokens together may mean."""
        return frozenset(self._meanings.get(tuple(word), ()))

    def values(self, word: Iterable[str]) -> frozenset[str]:
        """What they may mean as a value, such as ON."""
        return self.meanings(word) - _MANNERS

    def keyword(self, sentence: tuple[str, ...]) -> str:
        """The keyword that a whole sentence is, such as STATUS, with or without courtesy; "" for none."""
        found = self.meanings(sentence)
        if not found & set(KEYWORDS):
            found = self._plain(sentence) - set(_WHOLE)
        return next((one for one in KEYWORDS if one in found), "")

    def _plain(self, sentence: tuple[str, ...]) -> frozenset[str]:
        """What a sentence means without the courtesy and the question around it."""
        while sentence and not self.meanings(sentence):
            if self.meanings(sentence[-1:]) & _IDLE:
                sentence = sentence[:-1]
            elif self.meanings(sentence[:1]) & {*_IDLE, QUESTION}:
                sentence = sentence[1:]
            else:
                break
        return self.meanings(sentence)


@cache
def vocabulary(*languages: str) -> Vocabulary:
    """The words of the first language that there is, and of English."""
    own = catalogue(*languages)
    return Vocabulary(own) if own.language == ENGLISH else Vocabulary(own, catalogue(ENGLISH))
