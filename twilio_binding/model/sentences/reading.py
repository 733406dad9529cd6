"""The meaning of a sentence: a command, a question, a keyword, or several possible ones.

Every word must be understood, or nothing is done; doubts are asked back. Items with PIN, confirmation or call back
accept only their exact names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from twilio_binding.model.sentences.clauses import TwoClauses
from twilio_binding.model.sentences.items import ReachableItem, ReachableItems
from twilio_binding.model.sentences.measures import Measures
from twilio_binding.model.sentences.names import Mention, Names
from twilio_binding.model.sentences.pins import pins_in
from twilio_binding.model.sentences.questions import asks_at_last, is_polite
from twilio_binding.model.sentences.rest import Rest, read_rest
from twilio_binding.model.sentences.tokens import LONGEST, after_question, asks, number, plain, refuses, tokens
from twilio_binding.model.sentences.values import command_of
from twilio_binding.model.sentences.vocabulary import ALL, Vocabulary

MOST_CHOICES = 5
_MOST_INFLECTED = 100
"""Maximum number of other forms of a mistyped sentence to try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCommand:
    """A command to an item, with its PIN, "" for none."""

    item: ReachableItem
    value: str
    pin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemQuestion:
    """A question for the state of an item."""

    item: ReachableItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Possible meanings of a sentence, one or several."""

    choices: tuple[ItemCommand | ItemQuestion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken:
    """A command that an item does not accept."""

    item: ReachableItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A command for later or for a time, which nobody carries out."""

    item: ReachableItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """A sentence with a fixed meaning, such as STATUS."""

    word: str


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A sentence without a meaning."""


_UNDO = Keyword(word="UNDO")
Reading = ItemCommand | ItemQuestion | Doubt | NotTaken | Timed | Keyword | NotUnderstood
Meant = ItemCommand | ItemQuestion | NotTaken | Timed
"""The meanings of a sentence for one item."""


@dataclass(frozen=True, slots=True)
class _Option:
    mention: Mention
    rest: Rest
    reading: Meant


class Reader:
    """Reads the sentences of somebody who can use some items."""

    def __init__(self, items: ReachableItems, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._names = Names(items, vocabulary)
        self._measures = Measures(items, vocabulary)
        self._two_clauses = TwoClauses(self._names, vocabulary)

    def read(self, text: str, now: datetime) -> Reading:
        """The meaning of a text; `now` is the reference for times of day."""
        reading = self._read_any(text, now)
        is_text = isinstance(reading, ItemCommand) and _takes_any_text(reading.item)
        if len(plain(text)) > LONGEST and not is_text:
            return NotUnderstood()  # its end may say the opposite
        if refuses(text) and not is_text and (isinstance(reading, ItemCommand | Doubt) or reading == _UNDO):
            return NotUnderstood()
        return reading

    def _read_any(self, text: str, now: datetime) -> Reading:
        sentence = self._names.with_numbers(tokens(text))
        if word := self._vocabulary.keyword(sentence):
            is_asked = after_question(text) is not None and not is_polite(sentence, self._vocabulary)
            return NotUnderstood() if is_asked and word == _UNDO.word else Keyword(word=word)
        return self._with_pin(text, sentence, now) or self._read(text, sentence, now)

    def _with_pin(self, text: str, sentence: Sequence[str], now: datetime) -> ItemCommand | None:
        """A command with a PIN before, after or in it; before or after any text, because that may contain other numbers."""
        for found in pins_in(sentence, self._vocabulary):
            command = found.cut_from(text)
            is_at_end = command != text and not (found.before and found.after) and len(plain(text)) <= LONGEST
            reading = self._read(command, found.rest, now)
            if not (isinstance(reading, ItemCommand) and reading.item.needs_pin):
                continue
            if is_at_end or not _takes_any_text(reading.item):
                return replace(reading, pin=found.pin)
        return None

    def _read(self, text: str, sentence: Sequence[str], now: datetime) -> Reading:
        said = self._two_clauses.read(text)
        if said is None:
            return self._read_whole(text, sentence, now)
        meant = self._meant("", *said, now)
        if isinstance(meant, ItemCommand) and (meant.item.is_guarded or said[1].is_doubtful):
            return Doubt(choices=(meant,))
        return meant

    def _read_whole(self, text: str, sentence: Sequence[str], now: datetime) -> Reading:
        options = self._options(text, sentence, self._names.complete(sentence), now)
        reading = _chosen(options) or self._inflected(text, self._names.inflected(sentence), now)
        if reading is not None:
            return reading
        mended = self._names.mended(sentence)
        inflected = (variant for one in mended for variant in self._names.inflected(one))
        return (
            self._read_as(text, mended, now)
            or self._measured(text, (sentence, *mended))
            or self._inflected(text, islice(inflected, _MOST_INFLECTED), now)
            or self._doubt(text, sentence, mended, now)
        )

    def _measured(self, text: str, variants: Iterable[Sequence[str]]) -> Reading | None:
        """The meaning of a question such as "how warm is it outside", which names no item; None for others."""
        for variant in variants:
            if items := self._measures.asked_for(variant, is_question=asks_at_last(text, self._vocabulary)):
                choices = tuple(ItemQuestion(item=item) for item in items)
                return choices[0] if len(choices) == 1 else Doubt(choices=choices[:MOST_CHOICES])
        return None

    def _read_as(self, text: str, variants: Iterable[Sequence[str]], now: datetime) -> Reading | None:
        """The meaning of other forms of a sentence; None if they have none."""
        options = [
            option
            for variant in variants
            for option in self._options(text, variant, self._names.complete(variant), now)
        ]
        reading = _chosen(options)
        if isinstance(reading, ItemCommand) and reading.item.is_guarded:
            return Doubt(choices=(reading,))
        return reading

    def _inflected(self, text: str, variants: Iterable[Sequence[str]], now: datetime) -> Reading | None:
        """The meaning of a sentence with other forms of its words. "Blind down" does not mean all blinds, so a group is asked back."""
        reading = self._read_as(text, variants, now)
        says_all = any(ALL in self._vocabulary.meanings((token,)) for token in tokens(text))
        if isinstance(reading, ItemCommand) and reading.item.is_group and not says_all:
            return Doubt(choices=(reading,))
        return reading

    def _options(self, text: str, sentence: Sequence[str], mentions: Iterable[Mention], now: datetime) -> list[_Option]:
        """The meanings of a sentence for each item that it names, if all of it is understood."""
        found, mentioned = [], list(mentions)
        for mention in mentioned:
            rest = read_rest(sentence, mention.used, mention.item, self._vocabulary)
            rest.is_doubtful |= _is_list(sentence, mention, rest, mentioned)
            free = _free_text(mention.item, text, rest)
            if free:
                found.append(_Option(mention, rest, ItemCommand(item=mention.item, value=free)))
            elif _asks(text, rest) or not (rest.is_negative or _is_unclear(mention.item, rest)):
                found.append(_Option(mention, rest, self._meant(text, mention.item, rest, now)))
        return found

    def _meant(self, text: str, item: ReachableItem, rest: Rest, now: datetime) -> Meant:
        if rest.is_question or (asks_at_last(text, self._vocabulary) and not rest.is_polite):
            return ItemQuestion(item=item)
        if rest.is_timed and item.can_command:
            return Timed(item=item)
        if not rest.given:
            return ItemQuestion(item=item)
        if not item.can_command or (rest.has_quality and item.type != "Number"):
            return NotTaken(item=item)
        command = command_of(item, rest.given, self._vocabulary, now)
        return NotTaken(item=item) if command is None else ItemCommand(item=item, value=command)

    def _doubt(self, text: str, sentence: Sequence[str], mended: Sequence[tuple[str, ...]], now: datetime) -> Reading:
        if timed := self._two_clauses.timed(text):
            return Timed(item=timed)
        for variant in (*mended, tuple(sentence)):
            choices, negative = [], False
            for mention in self._names.partial(variant):
                rest = read_rest(variant, mention.used, mention.item, self._vocabulary)
                negative |= rest.is_negative
                meant = self._meant(text, mention.item, replace(rest, is_timed=False), now)
                is_far = isinstance(meant, ItemQuestion) and variant != tuple(sentence)
                if isinstance(meant, ItemCommand | ItemQuestion) and not is_far:
                    choices.append(meant)
            if negative:
                return NotUnderstood()
            if choices:
                return Doubt(choices=tuple(choices[:MOST_CHOICES]))
        return NotUnderstood()


def _chosen(options: Sequence[_Option]) -> Reading | None:
    """The meaning for the longest name; among equals, the item in the named room that accepts the command."""
    if not options:
        return None
    longest = max(len(option.mention.used) for option in options)
    best = [option for option in options if len(option.mention.used) == longest]
    places = max(option.rest.places for option in best)
    best = [option for option in best if option.rest.places == places]
    best = [option for option in best if option.mention.is_together] or best
    taken = [option for option in best if not isinstance(option.reading, NotTaken)] or best
    by_item = {option.reading.item.name: option.reading for option in taken}
    readings = list(by_item.values())
    if timed := next((one for one in readings if isinstance(one, Timed)), None):
        return timed
    choices = tuple(one for one in readings if isinstance(one, ItemCommand | ItemQuestion))
    is_doubtful = choices and isinstance(choices[0], ItemCommand) and any(one.rest.is_doubtful for one in taken)
    if len(readings) == 1 and not is_doubtful:
        return readings[0]
    return Doubt(choices=choices[:MOST_CHOICES]) if choices else readings[0]


def _is_list(sentence: Sequence[str], one: Mention, rest: Rest, others: Sequence[Mention]) -> bool:
    """Whether the value of an item is perhaps the number of another, as in "lamp 1, 2 on" and "hall, lamp 2 on"; but "lamp 1 to 2" is clear."""
    if not rest.given.numbers or rest.given.units or rest.given.is_absolute:
        return False
    named = (other.used - one.used for other in others if other.is_together or max(other.used) == max(one.used) + 1)
    return any(number(sentence[place]) is not None for places in named for place in places)


def _is_unclear(item: ReachableItem, rest: Rest) -> bool:
    """Whether words are not understood; times are unclear where nothing is commanded."""
    is_command = not rest.is_question and (item.can_command or rest.given)
    return bool(rest.unknown) or bool(rest.when and not is_command)


def _asks(text: str, rest: Rest) -> bool:
    """Whether it is a question. Not every word of it must be understood, because an answer changes nothing."""
    return asks(text) and not rest.is_polite


def _takes_any_text(item: ReachableItem) -> bool:
    return item.type == "String" and item.can_command and not (item.words or item.commands)


def _free_text(item: ReachableItem, text: str, rest: Rest) -> str:
    """The text for an item that accepts any text, if the sentence begins with its name; "" for a question."""
    if not _takes_any_text(item) or asks(text):
        return ""
    words = text.split()
    for count in range(1, len(words)):
        if tokens(" ".join(words[:count])) in item.names:
            return "" if rest.is_question and not rest.unknown else " ".join(words[count:]).lstrip(":= ")
    return ""
