"""Texts whose second half says what to do with the item in the first: "I left the hall light on, turn it off"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from twilio_binding.model.sentences.items import ReachableItem
from twilio_binding.model.sentences.names import Mention, Names
from twilio_binding.model.sentences.questions import asks_at_last
from twilio_binding.model.sentences.rest import Rest, read_rest
from twilio_binding.model.sentences.tokens import asks, tokens
from twilio_binding.model.sentences.vocabulary import RECALL, Vocabulary

_BETWEEN = re.compile(r"[,;.!?]\s+(?=\S)")


class TwoClauses:
    """Reads texts of two clauses: the first names an item, as a question or with its state; the second names none."""

    def __init__(self, names: Names, vocabulary: Vocabulary) -> None:
        self._names = names
        self._vocabulary = vocabulary

    def read(self, text: str) -> tuple[ReachableItem, Rest] | None:
        """The item, and the words about it in the second clause; None for any other text."""
        ends = list(_BETWEEN.finditer(text))
        if not ends:
            return None
        before, last = text[: ends[-1].end()], text[ends[-1].end() :]
        if any(True for _ in self._names.complete(tokens(last))):
            return None
        mentions = list(self._left(before))
        longest = max((len(one.used) for one in mentions), default=0)
        items = {one.item.name: one.item for one in mentions if len(one.used) == longest}
        if len(items) != 1:
            return None
        (item,) = items.values()
        rest = read_rest(self._names.with_numbers(tokens(last)), frozenset(), item, self._vocabulary)
        is_asked = (rest.is_question or asks_at_last(last, self._vocabulary)) and not rest.is_polite
        says = rest.given.words or rest.given.is_absolute or rest.is_timed
        return (
            None
            if is_asked or rest.unknown or rest.is_negative or not says
            else (item, replace(rest, is_question=False))
        )

    def timed(self, text: str) -> ReachableItem | None:
        """The item of a command with a time, in one of the clauses of a text that is not understood otherwise."""
        for clause in _BETWEEN.split(text):
            sentence = self._names.with_numbers(tokens(clause))
            for mention in self._names.partial(sentence):
                rest = read_rest(sentence, mention.used, mention.item, self._vocabulary)
                is_command = rest.given and not (rest.is_question or rest.is_negative) and not asks(text)
                if rest.is_timed and is_command and mention.item.can_command:
                    return mention.item
        return None

    def _left(self, text: str) -> Iterator[Mention]:
        """The item that a clause names, if it only asks for it or says how it was left."""
        sentence = tokens(text)
        for variant in (sentence, *self._names.inflected(sentence)):
            recalls = [token for token in variant if RECALL in self._vocabulary.meanings((token,))]
            for mention in self._names.complete(variant):
                rest = read_rest(variant, mention.used, mention.item, self._vocabulary)
                is_told = rest.is_question or bool(recalls)
                if is_told and not rest.is_negative and not set(rest.unknown) - set(recalls):
                    yield mention
