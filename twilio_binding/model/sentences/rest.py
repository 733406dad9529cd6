"""The rest of a sentence besides the name of an item: values, polite words, or unknown words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from twilio_binding.model.sentences.differences import PERCENT_TYPES
from twilio_binding.model.sentences.items import ReachableItem
from twilio_binding.model.sentences.times import times_in
from twilio_binding.model.sentences.tokens import number
from twilio_binding.model.sentences.units import said_unit
from twilio_binding.model.sentences.values import GivenWords, clock_time, is_moment, own_words, types_of
from twilio_binding.model.sentences.vocabulary import (
    ALL,
    BY,
    CLOCKS,
    COLORS,
    COURTESY,
    FILLER,
    KEYWORDS,
    NEGATION,
    POLITE,
    PREPOSITION,
    QUALITY,
    QUESTION,
    TO,
    UNITS,
    Vocabulary,
)

_JOINING = frozenset((FILLER, COURTESY, PREPOSITION, QUESTION, POLITE))
"""Words that need not be understood."""
_MINUTES = re.compile(r"[0-5]\d")


@dataclass(slots=True, kw_only=True)
class Rest:
    """The rest of a sentence for one item. `unknown` are unknown words; `places` counts words of its room.

    `when` are the words that only say a time. `is_doubtful`: the number may be a time, or belong to another item.
    """

    given: GivenWords = field(default_factory=GivenWords)
    is_question: bool = False
    is_polite: bool = False
    is_negative: bool = False
    has_quality: bool = False
    is_timed: bool = False
    is_doubtful: bool = False
    places: int = 0
    when: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Value:
    """A word with a meaning for an item, or with none if it only joins others."""

    meanings: frozenset[str]
    can_be_ignored: bool


def read_rest(sentence: Sequence[str], used: frozenset[int], item: ReachableItem, vocabulary: Vocabulary) -> Rest:
    """Read all tokens of a sentence except those `used` for the name."""
    return _RestReader(sentence, used, item, vocabulary).read()


class _RestReader:
    def __init__(self, sentence: Sequence[str], used: frozenset[int], item: ReachableItem, words: Vocabulary) -> None:
        self._sentence = sentence
        self._used = used
        self._item = item
        self._vocabulary = words
        self._own = dict(own_words(item))
        self._longest = max((words.longest, *(len(word) for word in self._own)))
        self._values: list[_Value] = []
        self._apart = dict(self._pairs())
        times = times_in(sentence, used, item, words)
        self._times = times.places
        self._taken = used | self._apart.keys() | self._times
        self._rest = Rest(is_timed=bool(self._times), is_doubtful=times.is_doubtful)

    def read(self) -> Rest:
        position = 0
        while position < len(self._sentence):
            position += 1 if position in self._used else self._take(position)
        given = self._rest.given
        strong = [value.meanings for value in self._values if not value.can_be_ignored]
        if not strong and (given.is_difference or not (given.numbers or given.moments or given.own)):
            strong = [value.meanings for value in self._values]
        given.words = strong
        return self._rest

    def _pairs(self) -> Iterator[tuple[int, frozenset[str]]]:
        """The positions of words that mean something together with others between them, and what each adds."""
        free = [place for place in range(len(self._sentence)) if place not in self._used]
        for first in free:
            others = self._vocabulary.apart(self._sentence[first])
            second = next((place for place in free if place > first and self._sentence[place] in others), None)
            if second is not None:
                yield from ((first, others[self._sentence[second]]), (second, frozenset()))

    def _take(self, position: int) -> int:
        """Read the longest word at a position; returns its number of tokens."""
        if position in self._times:
            self._note_time(self._sentence[position])
            return 1
        if position in self._apart:
            if meanings := self._apart[position] - {NEGATION}:
                self._values.append(_Value(meanings, can_be_ignored=False))
            self._rest.is_negative |= NEGATION in self._apart[position]
            return 1
        for length in range(min(self._longest, len(self._sentence) - position), 0, -1):
            if not self._taken.isdisjoint(range(position, position + length)):
                continue
            word = tuple(self._sentence[position : position + length])
            if word in self._own:
                self._note_own(word)
                return length
            if taken := self._note_clock(word, position):
                return taken
            if self._note_unit(word, position):
                return length
            if self._vocabulary.meanings(word) - set(KEYWORDS):
                self._note(word, self._sentence[position + length :])
                return length
        self._note_single(position)
        return 1

    def _note_own(self, word: tuple[str, ...]) -> None:
        """Note a word of the item's own; if the language knows it, its synonyms count, too."""
        if meanings := self._vocabulary.values(word):
            self._values.append(_Value(meanings, can_be_ignored=False))
        else:
            self._rest.given.own.append(self._own[word])

    def _note(self, word: tuple[str, ...], after: Sequence[str]) -> None:
        following = next((one for one in after if COURTESY not in self._vocabulary.meanings((one,))), "")
        rest, meanings, means = self._rest, self._vocabulary.meanings(word), self._vocabulary.values(word)
        if means and means <= UNITS.keys():
            rest.given.units += means
        elif means:
            joins = bool(meanings & {FILLER, PREPOSITION}) and bool(following) and not self._is_action(following)
            self._values.append(_Value(means, can_be_ignored=joins))
        is_by = BY in meanings and number(following) is not None
        rest.given.is_difference |= is_by
        rest.is_question |= QUESTION in meanings and not means
        rest.is_polite |= POLITE in meanings
        rest.is_negative |= NEGATION in meanings
        if word[0] in self._item.place:
            rest.places += 1
            return
        is_known = bool(means or meanings & _JOINING or is_by)
        if not is_known and QUALITY in meanings:
            rest.has_quality = is_known = True
        if not is_known and not (ALL in meanings and self._item.is_group):
            rest.unknown.append(word[0])

    def _note_time(self, token: str) -> None:
        meanings = self._vocabulary.meanings((token,))
        is_known = meanings & _JOINING or self._vocabulary.values((token,)) or is_moment(token)
        if not is_known and number(token) is None:
            self._rest.when.append(token)

    def _note_unit(self, word: tuple[str, ...], position: int) -> bool:
        """Whether it is a unit after a number, in which the item measures."""
        is_after_number = bool(position) and number(self._sentence[position - 1]) is not None
        unit = said_unit(self._item.dimension, "".join(word)) if is_after_number and len(word) == 1 else ""
        if unit:
            self._rest.given.units.append(unit)
        return bool(unit)

    def _note_clock(self, word: tuple[str, ...], position: int) -> int:
        """Read a word that makes the number before it a time, as in "6 Uhr 30"; returns its number of tokens."""
        clocks = self._vocabulary.meanings(word) & set(CLOCKS)
        before = self._sentence[position - 1] if position and position - 1 not in self._used else ""
        if not clocks or self._item.type != "DateTime":
            return 0
        length = len(word)
        minutes = "".join(self._sentence[position + length : position + length + 1])
        if "CLOCK" in clocks and before.isdecimal() and _MINUTES.fullmatch(minutes):
            before, length = f"{before}:{minutes}", length + 1
        moment = clock_time(before, clocks)
        if not moment:
            return 0
        given = self._rest.given
        given.moments[:] = [moment, *(one for one in given.moments if one != before)]
        given.numbers.clear()
        return length

    def _note_single(self, position: int) -> None:
        token, value = self._sentence[position], number(self._sentence[position])
        before = self._sentence[position - 1] if position and position - 1 not in self._used else ""
        if token in self._item.place:
            self._rest.places += 1
        elif is_moment(token):
            self._rest.given.moments.append(token)
        elif self._item.type == "DateTime" and (moment := clock_time(token)):
            self._rest.given.moments.append(moment)
        elif value is not None:
            self._rest.given.numbers.append(value)
            self._rest.given.is_absolute |= TO in self._vocabulary.meanings((before,))
            self._note_sign(token, self._sentence[position + 1 : position + 2])
        else:
            self._rest.unknown.append(token)

    def _note_sign(self, token: str, following: Sequence[str]) -> None:
        """A sign makes a difference: "+2", and "-20%", because no percentage is below 0."""
        is_percent = "PERCENT" in self._vocabulary.values(following)
        is_less = token.startswith("-") and is_percent and types_of(self._item) <= PERCENT_TYPES
        if is_less or token.startswith("+"):
            self._values.append(_Value(frozenset(("LESS" if is_less else "MORE",)), can_be_ignored=False))

    def _is_action(self, token: str) -> bool:
        means = self._vocabulary.values((token,)) - COLORS.keys() - UNITS.keys()
        return bool(means) and not self._vocabulary.meanings((token,)) & {FILLER, PREPOSITION}
