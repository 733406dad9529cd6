"""Questions for a quantity in a place, such as "how warm is it in the bedroom", which name no item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from twilio_binding.model.sentences.items import ReachableItem, ReachableItems
from twilio_binding.model.sentences.tokens import number
from twilio_binding.model.sentences.vocabulary import (
    COURTESY,
    FILLER,
    POLITE,
    PREPOSITION,
    QUALITY,
    QUESTION,
    Vocabulary,
)

_IDLE = frozenset((COURTESY, FILLER, POLITE, PREPOSITION, QUALITY, QUESTION))


class Measures:
    """The items that measure something, by quantity. An answer changes nothing."""

    def __init__(self, items: ReachableItems, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        numbers = [one for one in items.by_name.values() if one.type == "Number" and one.can_read and not one.is_group]
        self._places = [(one, self._measure(one), self._place(one)) for one in numbers]

    def asked_for(self, sentence: Sequence[str], *, is_question: bool) -> list[ReachableItem]:
        """The items whose states answer a sentence: those for its quantity and place, preferring those that only measure."""
        words = self._vocabulary
        measures = {measure for token in sentence if (measure := words.measure(token))}
        if len(measures) != 1 or any(number(token) is not None for token in sentence):
            return []
        (asked,) = measures
        asks = is_question or any(QUESTION in words.meanings((token,)) for token in sentence)
        rest = list(self._rest(sentence))
        if not asks and len(rest) + 1 < len(sentence):
            return []  # "make it warm outside" asks for nothing
        found = [one for one, of, places in self._places if of == asked and all(self._is_in(places, it) for it in rest)]
        return [one for one in found if not one.can_command] or found

    def _rest(self, sentence: Sequence[str]) -> Iterator[str]:
        """The tokens other than the quantity and filler words such as "right now"."""
        position = 0
        while position < len(sentence):
            lengths = range(min(self._vocabulary.longest, len(sentence) - position), 0, -1)
            words = (sentence[position : position + length] for length in lengths)
            idle = next((len(word) for word in words if self._vocabulary.meanings(word) & _IDLE), 0)
            if not idle and not self._vocabulary.measure(sentence[position]):
                yield sentence[position]
            position += idle or 1

    def _measure(self, item: ReachableItem) -> str:
        if item.dimension == "Temperature":
            return "TEMPERATURE"
        return next((found for token in _named(item) for found in self._vocabulary.measures_in(token)), "")

    def _place(self, item: ReachableItem) -> frozenset[str]:
        """Where an item measures: its rooms and the words of its names, without the word for the quantity: `outside`."""
        return frozenset((*item.place, *(self._vocabulary.without_measure(token) for token in _named(item))))

    def _is_in(self, places: frozenset[str], token: str) -> bool:
        return token in places or any(one in places for one in self._vocabulary.alike(token))


def _named(item: ReachableItem) -> list[str]:
    return [token for name in (*item.names, item.label_words) for token in name]
