"""Finds times and durations in sentences: they are no values, because nothing is done later or for a time."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from twilio_binding.model.sentences.items import ReachableItem
from twilio_binding.model.sentences.tokens import number
from twilio_binding.model.sentences.units import said_unit
from twilio_binding.model.sentences.values import clock_time, is_moment, own_words
from twilio_binding.model.sentences.vocabulary import (
    AT,
    CLOCKS,
    COURTESY,
    DURATION,
    HOUR,
    IN,
    SET,
    TO,
    UNITS,
    WHEN,
    Vocabulary,
)

_ACTIONS = frozenset(
    ("ON", "OFF", "OPEN", "CLOSED", "UP", "DOWN", "START", "STOP", "PLAY", "PAUSE", "LOCKED", "UNLOCKED", "EXTEND")
) | {"RETRACT", "MORE", "LESS"}
_DIFFERENCES = frozenset(("MORE", "LESS"))
_FRENCH = re.compile(r"h[0-5]\d")
"""The end of "6h30"."""
_NOON = 12
_LEAST_WARMTH = 10
"""Degrees from which "living room at 19" is a temperature; a smaller number is more likely an hour."""
_ABBREVIATED = 3
"""Letters up to which a unit of time, such as "min", counts only after a number."""


@dataclass(frozen=True, slots=True)
class Times:
    """The positions of words that say a time. `is_doubtful`: a number may be a time or a value, as in "lamp at 20"."""

    places: frozenset[int] = frozenset()
    is_doubtful: bool = False


def times_in(sentence: Sequence[str], used: Collection[int], item: ReachableItem, vocabulary: Vocabulary) -> Times:
    """The times in a sentence, besides the words `used` for the name of the item; none if its values are times."""
    if item.type == "DateTime" or item.dimension == "Time":
        return Times()
    return _Finder(sentence, used, item, vocabulary).find()


class _Finder:
    def __init__(self, sentence: Sequence[str], used: Collection[int], item: ReachableItem, words: Vocabulary) -> None:
        self._sentence = tuple(sentence)
        self._dimension = item.dimension
        self._words = words
        self._used = used
        self._free = set(range(len(sentence))) - set(used)
        self._own: set[int] = set()
        for word, _ in own_words(item):
            for place in range(len(sentence) - len(word) + 1):
                if self._sentence[place : place + len(word)] == word:
                    self._own |= set(range(place, place + len(word)))
        self._free -= self._own
        self._known = list(self._phrases())

    def find(self) -> Times:
        found: set[int] = set()
        is_doubtful = False
        for place, length, meanings in self._known:
            after = place + length
            span = set(range(place, after))
            if WHEN in meanings:
                found |= span | ({after} if self._is_hour(after) else set())
            elif meanings & {DURATION, *CLOCKS}:
                found |= self._with_number(place, span, meanings)
            elif ("HALF" in meanings and self._is_hour(after, _NOON)) or (IN in meanings and self._is_length(after)):
                found |= {*span, after}
            elif AT in meanings and self._is_hour(after) and not self._has_unit(after):
                is_time = self._is_time(meanings, after)
                found |= {*span, after} if is_time else set()
                is_doubtful |= is_time is None
            elif meanings & {AT, IN} and after in self._used:  # "lamp on at 6" is perhaps not about "lamp 6"
                is_doubtful |= clock_time(self._sentence[after]) != ""
        found |= {place for place in self._free if is_moment(self._sentence[place])}
        if found:
            found |= {p for start, length, means in self._known if AT in means for p in range(start, start + length)}
        return Times(frozenset(found), is_doubtful=is_doubtful and not found)

    def _phrases(self) -> Iterator[tuple[int, int, frozenset[str]]]:
        """Position, number of tokens and meanings of each known word, the longest ones first."""
        place = 0
        while place < len(self._sentence):
            lengths = range(min(self._words.longest, len(self._sentence) - place), 0, -1)
            spans = ((one, self._words.meanings(self._sentence[place : place + one])) for one in lengths)
            length, meanings = next(((one, means) for one, means in spans if means), (1, frozenset[str]()))
            if _FRENCH.fullmatch(self._sentence[place]):
                meanings = frozenset(CLOCKS)
            if meanings and self._free.issuperset(range(place, place + length)):
                yield place, length, meanings
            place += length if meanings else 1

    def _with_number(self, place: int, span: set[int], meanings: frozenset[str]) -> set[int]:
        """A unit of time with the number before it; empty if it is none here."""
        before = place - 1
        is_counted = before in self._free and (number(self._sentence[before]) is not None or self._is_hour(before))
        if is_counted:
            return span | {before}
        is_alone = DURATION in meanings and len(self._sentence[place]) > _ABBREVIATED
        return span if is_alone else set()

    def _is_hour(self, place: int, most: int = 24) -> bool:
        """Whether there is an hour of the day, such as 6 or 18.30."""
        if place not in self._free:
            return False
        token = self._sentence[place]
        if HOUR in self._words.meanings((token,)):
            return True
        hour = clock_time(token).partition(":")[0]
        return hour != "" and int(hour) <= most

    def _is_length(self, place: int) -> bool:
        """Whether a number after "in" or "for" is a time without its unit, as in "light on for 20"."""
        is_number = place in self._free and number(self._sentence[place]) is not None
        is_done = bool(self._own) or any(means & _ACTIONS for _, _, means in self._known if TO not in means)
        return is_done and (is_number or self._is_hour(place)) and not self._has_unit(place)

    def _has_unit(self, place: int) -> bool:
        """Whether a number is followed by a unit that is none of time."""
        following = self._sentence[place + 1 : place + 2]
        values = self._words.values(following)
        return bool(following) and bool(values & UNITS.keys() or said_unit(self._dimension, following[0]))

    def _is_time(self, meanings: frozenset[str], hour: int) -> bool | None:
        """Whether an hour after a word with these meanings is a time; None for a doubt."""
        said = {one for _, _, means in self._known if TO not in means for one in means}
        if not meanings & {TO, COURTESY}:
            return not said & _DIFFERENCES  # "um 20 heller" is a difference
        has_value = any(number(self._sentence[place]) is not None for place in self._free - {hour})
        if said & _ACTIONS or self._own or has_value:
            return True
        is_warmth = self._dimension == "Temperature" and (number(self._sentence[hour]) or 0) >= _LEAST_WARMTH
        return False if is_warmth or COURTESY in meanings or SET in said else None
