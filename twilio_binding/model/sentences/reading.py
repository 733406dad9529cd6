"""What a sentence means: a command, a question, a keyword, or which of them it may mean.

Each word must be understood, or nothing is done: what is in doubt is asked back. Items that ask for a PIN, a confirmation or
a call back are only taken by their exact names.
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
from twilio_binding.model.sentences.rest import Rest, read_rest
from twilio_binding.model.sentences.tokens import tokens
from twilio_binding.model.sentences.values import command_of
from twilio_binding.model.sentences.vocabulary import Vocabulary

MOST_CHOICES = 5
_MOST_INFLECTED = 100
"""Other forms of a mistyped sentence that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCommand:
    """A command to an item, and the PIN that came with it, "" for none."""

    item: ReachableItem
    value: str
    pin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemQuestion:
    """Somebody wants to know the state of an item."""

    item: ReachableItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What a sentence may mean, one or several."""

    choices: tuple[ItemCommand | ItemQuestion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken:
    """A command that an item does not take."""

    item: ReachableItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """A sentence with a meaning of its own, such as STATUS."""

    word: str


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A sentence that means nothing here."""


Reading = ItemCommand | ItemQuestion | Doubt | NotTaken | Keyword | NotUnderstood


@dataclass(frozen=True, slots=True)
class _Option:
    mention: Mention
    rest: Rest
    reading: ItemCommand | ItemQuestion | NotTaken


class Reader:
    """Reads the sentences of somebody who may use some items."""

    def __init__(self, items: ReachableItems, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._names = Names(items, vocabulary)
        self._measures = Measures(items, vocabulary)
        self._two_clauses = TwoClauses(self._names, vocabulary)

    def read(self, text: str, now: datetime) -> Reading:
        """What a text means; `now` is where a time of the day is counted from."""
        sentence = self._names.with_numbers(tokens(text))
        if word := self._vocabulary.keyword(sentence):
            return Keyword(word=word)
        with_pin = self._with_pin(text, sentence, now)
        if with_pin and with_pin.item.needs_pin:
            return with_pin
        return self._read(text, sentence, now)

    def _with_pin(self, text: str, sentence: Sequence[str], now: datetime) -> ItemCommand | None:
        """A command that begins or ends with a PIN."""
        for pin, rest in ((sentence[:1], sentence[1:]), (sentence[-1:], sentence[:-1])):
            if rest and pin[0].isdecimal() and 4 <= len(pin[0]) <= 12:
                reading = self._read(text.strip().removesuffix(pin[0]), rest, now)
                choice = reading.choices[0] if isinstance(reading, Doubt) and len(reading.choices) == 1 else reading
                if isinstance(choice, ItemCommand) and isinstance(reading, ItemCommand):
                    return replace(choice, pin=pin[0])
        return None

    def _read(self, text: str, sentence: Sequence[str], now: datetime) -> Reading:
        said = self._two_clauses.read(text)
        if said is None:
            return self._read_whole(text, sentence, now)
        meant = self._meant("", *said, now)
        return Doubt(choices=(meant,)) if isinstance(meant, ItemCommand) and meant.item.is_guarded else meant

    def _read_whole(self, text: str, sentence: Sequence[str], now: datetime) -> Reading:
        options = self._options(text, sentence, self._names.complete(sentence), now)
        reading = _chosen(options) or self._read_as(text, self._names.inflected(sentence), now)
        if reading is not None:
            return reading
        mended = self._names.mended(sentence)
        inflected = (variant for one in mended for variant in self._names.inflected(one))
        return (
            self._read_as(text, mended, now)
            or self._measured(text, (sentence, *mended))
            or self._read_as(text, islice(inflected, _MOST_INFLECTED), now)
            or self._doubt(text, sentence, mended, now)
        )

    def _measured(self, text: str, variants: Iterable[Sequence[str]]) -> Reading | None:
        """A question such as "how warm is it outside", which names no item; None for none."""
        for variant in variants:
            if items := self._measures.asked_for(variant, is_question=text.rstrip().endswith("?")):
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

    def _options(self, text: str, sentence: Sequence[str], mentions: Iterable[Mention], now: datetime) -> list[_Option]:
        """What a sentence means for each item that it names, if all of it is understood."""
        found = []
        for mention in mentions:
            rest = read_rest(sentence, mention.used, mention.item, self._vocabulary)
            free = _free_text(mention.item, text, rest)
            if free:
                found.append(_Option(mention, rest, ItemCommand(item=mention.item, value=free)))
            elif _asks(text, rest) or not (rest.unknown or rest.is_negative):
                found.append(_Option(mention, rest, self._meant(text, mention.item, rest, now)))
        return found

    def _meant(
        self, text: str, item: ReachableItem, rest: Rest, now: datetime
    ) -> ItemCommand | ItemQuestion | NotTaken:
        if rest.is_question or _asks(text, rest) or not rest.given:
            return ItemQuestion(item=item)
        if not item.can_command or (rest.has_quality and item.type != "Number"):
            return NotTaken(item=item)
        command = command_of(item, rest.given, self._vocabulary, now)
        return NotTaken(item=item) if command is None else ItemCommand(item=item, value=command)

    def _doubt(self, text: str, sentence: Sequence[str], mended: Sequence[tuple[str, ...]], now: datetime) -> Reading:
        for variant in (*mended, tuple(sentence)):
            choices, negative = [], False
            for mention in self._names.partial(variant):
                rest = read_rest(variant, mention.used, mention.item, self._vocabulary)
                negative |= rest.is_negative
                meant = self._meant(text, mention.item, rest, now)
                is_far = isinstance(meant, ItemQuestion) and variant != tuple(sentence)
                if not (isinstance(meant, NotTaken) or is_far):
                    choices.append(meant)
            if negative:
                return NotUnderstood()
            if choices:
                return Doubt(choices=tuple(choices[:MOST_CHOICES]))
        return NotUnderstood()


def _chosen(options: Sequence[_Option]) -> Reading | None:
    """What the longest name means; of several of the same length, the item in the named room that takes it."""
    if not options:
        return None
    longest = max(len(option.mention.used) for option in options)
    best = [option for option in options if len(option.mention.used) == longest]
    places = max(option.rest.places for option in best)
    best = [option for option in best if option.rest.places == places]
    taken = [option for option in best if not isinstance(option.reading, NotTaken)] or best
    by_item = {option.reading.item.name: option.reading for option in taken}
    readings = list(by_item.values())
    if len(readings) == 1:
        return readings[0]
    choices = tuple(one for one in readings if not isinstance(one, NotTaken))
    return Doubt(choices=choices[:MOST_CHOICES]) if choices else readings[0]


def _asks(text: str, rest: Rest) -> bool:
    """Whether it is a question, of which not every word must be understood: an answer changes nothing."""
    return text.rstrip().endswith("?") and not rest.is_polite


def _free_text(item: ReachableItem, text: str, rest: Rest) -> str:
    """What a sentence says to an item that takes any text, if it begins with the name; "" for a question."""
    if item.type != "String" or item.words or item.commands or not item.can_command or text.rstrip().endswith("?"):
        return ""
    words = text.split()
    for count in range(1, len(words)):
        if tokens(" ".join(words[:count])) in item.names:
            return "" if rest.is_question and not rest.unknown else " ".join(words[count:]).lstrip(":= ")
    return ""
