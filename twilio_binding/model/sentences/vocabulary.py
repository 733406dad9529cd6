"""The meanings of words in the language of a contact; English is understood in addition."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache

from twilio_binding.model.sentences.catalogue import ENGLISH, Catalogue, catalogue
from twilio_binding.model.sentences.number_words import NumberWords
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
"""Colors by meaning, in openHAB's form: hue, saturation, brightness."""
UNITS = {"PERCENT": "%", "CELSIUS": "°C", "FAHRENHEIT": "°F", "DEGREES": ""}
"""Units by meaning, in openHAB's form; "" if the item decides which degrees are meant."""
TO = "TO"
"""Words before a number that is the new value itself."""
BY = "BY"
"""Words before a number that is a difference, such as by."""
CLOCKS = ("CLOCK", "AM", "PM")
"""Words after a number that is a time."""
AT = "AT"
"""Words before an hour, such as at."""
IN = "IN"
"""Words before a delay or a length of time, such as in and for."""
WHEN = "WHEN"
"""Times of their own, such as tomorrow."""
DURATION = "DURATION"
"""Units of time, such as minutes."""
HOUR = "HOUR"
"""Hours below five as words."""
SET = "SET"
"""Words before a value, so that an hour after "at" is none."""
FILLER, COURTESY, PREPOSITION, QUESTION, QUALITY, POLITE, NEGATION, ALL, RECALL = (
    *("FILLER", "COURTESY", "PREPOSITION", "QUESTION", "QUALITY", "POLITE", "NEGATION", "ALL", "RECALL"),
)
"""Words that are not values. COURTESY can be left out, but not from a name; RECALL says how things were left."""
KEYWORDS = ("STATUS", "LIST", "HELP", "UNDO", "YES", "NO", "LATER")
_OF_TIMES = frozenset((AT, IN, WHEN, DURATION, HOUR, SET))
_MANNERS = _OF_TIMES | {
    *(FILLER, COURTESY, PREPOSITION, QUESTION, QUALITY, POLITE, NEGATION, ALL, RECALL, TO, BY, *CLOCKS, *KEYWORDS)
}
_IDLE = frozenset((FILLER, COURTESY, POLITE))
_APART = "…"
"""Stands between two words that mean something together, and may be apart: "schließ … ab"."""
_SHORT = 4
"""Letters of a word that does not count as the end of others."""
_WHOLE = ("YES", "LATER")
"""Keywords that must be the whole sentence: "can you confirm" confirms nothing."""


class Vocabulary:
    """The words of a language, by tokens."""

    def __init__(self, *catalogues: Catalogue) -> None:
        self._meanings: dict[tuple[str, ...], set[str]] = {}
        self._apart: dict[str, dict[str, frozenset[str]]] = {}
        self._alike: dict[str, set[str]] = {}
        self._measures: dict[str, str] = {}
        self.before_pins: set[tuple[str, ...]] = set()
        """Words that announce a PIN, such as "my pin is"."""
        self.numbers = NumberWords(catalogues)
        for one in catalogues:
            for meaning, words in one.words():
                for word in words:
                    self._add(word, meaning)
            for _, words in one.words("alike"):
                same = {found[0] for word in words if len(found := tokens(word)) == 1}
                for token in same:
                    self._alike.setdefault(token, set()).update(same - {token})
            self.before_pins |= {tokens(word) for _, words in one.words("pin") for word in words}
            self._measures |= {tokens(word)[0]: meaning for meaning, words in one.words("measure") for word in words}
        self.known = frozenset(token for word in self._meanings for token in word)
        self.known |= {token for first, others in self._apart.items() for token in (first, *others)}
        self.longest = max(len(word) for word in self._meanings)
        self.plain = tuple(
            word[0]
            for word, found in self._meanings.items()
            if len(word) == 1 and len(word[0]) > 3 and found != {QUALITY} and not found <= _OF_TIMES
        )
        """Words in which typing errors are tolerated; not those beside a number, where "warmer" is not "warm"."""

        self.idle = tuple(
            word[0]
            for word, found in self._meanings.items()
            if len(word) == 1 and found & _IDLE and found <= {*_IDLE, IN}
        )
        """Words that can be left out."""

        self.states = frozenset(one.said(state).casefold() for one in catalogues for state in ("ON", "OFF"))
        """The names of states, such as on."""

    def in_digits(self, sentence: Sequence[str], *, names: Collection[str] = ()) -> tuple[str, ...]:
        """The sentence with digits instead of number words that are in none of the `names`."""

        def is_unit(*word: str) -> bool:
            return bool(self.meanings(word) & UNITS.keys())

        def is_only_number(word: str) -> bool:
            return self.meanings((word,)) <= {HOUR}

        return self.numbers.in_digits(sentence, names=names, is_unit=is_unit, is_only_number=is_only_number)

    def apart(self, first: str) -> Mapping[str, frozenset[str]]:
        """The words that mean something together with an earlier word, also with others in between, and the meaning."""
        return self._apart.get(first, {})

    def alike(self, token: str) -> Collection[str]:
        """Other words for the same thing, such as lamp for light."""
        return self._alike.get(token, ())

    def measure(self, token: str) -> str:
        """The quantity of a word, such as TEMPERATURE; "" if there is none."""
        return self._measures.get(token, "")

    def measures_in(self, token: str) -> Iterator[str]:
        """The quantities that the end of a word names, as in "aussentemperatur"."""
        return (found for word, found in self._measures.items() if len(word) > _SHORT and token.endswith(word))

    def without_measure(self, token: str) -> str:
        """A word without the quantity at its end."""
        ends = [word for word in self._measures if len(word) > _SHORT and token.endswith(word)]
        return token.removesuffix(max(ends, key=len)) if ends else token

    def meanings(self, word: Iterable[str]) -> frozenset[str]:
        """All meanings of some tokens together."""
        return frozenset(self._meanings.get(tuple(word), ()))

    def values(self, word: Iterable[str]) -> frozenset[str]:
        """The meanings as values, such as ON."""
        return self.meanings(word) - _MANNERS

    def keyword(self, sentence: tuple[str, ...]) -> str:
        """The keyword of a whole sentence, such as STATUS, with or without polite words; "" if there is none."""
        found = self.meanings(sentence)
        if not found & set(KEYWORDS):
            found = self._plain(sentence) - set(_WHOLE)
        return next((one for one in KEYWORDS if one in found), "")

    def _add(self, word: str, meaning: str) -> None:
        if _APART in word:
            first, second = tokens(word)
            self._apart.setdefault(first, {})[second] = frozenset((meaning,))
        else:
            self._meanings.setdefault(tokens(word), set()).add(meaning)

    def _plain(self, sentence: tuple[str, ...]) -> frozenset[str]:
        """The meaning of a sentence without polite and question words."""
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
    """The words of the first available language, and of English."""
    own = catalogue(*languages)
    return Vocabulary(own) if own.language == ENGLISH else Vocabulary(own, catalogue(ENGLISH))
