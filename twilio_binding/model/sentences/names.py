"""Finds the items whose names are in a sentence, whatever their order, and mends typing errors in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product

from twilio_binding.model.sentences.items import ReachableItem, ReachableItems
from twilio_binding.model.sentences.tokens import number
from twilio_binding.model.sentences.values import own_words
from twilio_binding.model.sentences.vocabulary import FILLER, Vocabulary

_MOST_JOINED = 3
_MOST_VARIANTS = 12
_MOST_MENDED = 3
"""Words of a sentence that may be mistyped, or all is another sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """An item that a sentence names, by which of its tokens, and how many tokens of its name these are."""

    item: ReachableItem
    used: frozenset[int]
    of: int


class Names:
    """The names of all items of somebody."""

    def __init__(self, items: ReachableItems, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._names: list[tuple[tuple[str, ...], ReachableItem]] = []
        self._by_token: dict[str, list[int]] = {}
        for item in items.by_name.values():
            for name in item.names:
                short = tuple(token for token in name if FILLER not in vocabulary.meanings((token,)))
                for one in dict.fromkeys((name, short if len(short) > 1 else name)):
                    self._add(one, item)
                    for joined in _joined(one):
                        self._add((joined,), item)
        self._by_rarest: dict[str, list[int]] = {}
        for index, (name, _) in enumerate(self._names):
            rarest = min(name, key=lambda token: len(self._by_token[token]))
            self._by_rarest.setdefault(rarest, []).append(index)
        self._known = frozenset(
            {
                *self._by_token,
                *(token for item in items.by_name.values() for word, _ in own_words(item) for token in word),
            }
            | {token for item in items.by_name.values() for token in item.place}
        )

    def complete(self, sentence: Sequence[str]) -> Iterator[Mention]:
        """The items of which a whole name is in the sentence, each by its longest."""
        best: dict[str, Mention] = {}
        for index in sorted({index for token in sentence for index in self._by_rarest.get(token, ())}):
            mention = self._mention(index, sentence)
            before = best.get(mention.item.name)
            if mention.of == len(mention.used) and (before is None or mention.of > before.of):
                best[mention.item.name] = mention
        return iter(best.values())

    def partial(self, sentence: Sequence[str]) -> list[Mention]:
        """The items of which the most words are in the sentence, those first whose names have fewest others."""
        found = sorted(self._mentions(sentence), key=lambda one: (-len(one.used), one.of))
        best: dict[str, Mention] = {}
        for one in found:
            if len(one.used) == len(found[0].used):
                best.setdefault(one.item.name, one)
        return list(best.values())

    def mended(self, sentence: Sequence[str]) -> list[tuple[str, ...]]:
        """The sentence with words that nobody knows replaced by those that were meant, in all ways."""
        options: list[Sequence[tuple[str, ...]]] = []
        wrong = 0
        position = 0
        while position < len(sentence):
            token = sentence[position]
            if self._is_known(token):
                options.append(((token,),))
                position += 1
                continue
            wrong += 1
            pair = token + sentence[position + 1] if position + 1 < len(sentence) else ""
            joined = self._close_to(pair, self._by_token) if pair else ()
            if joined:
                options.append(tuple((one,) for one in joined))
                position += 2
                continue
            close = self._close_to(token, self._by_token) or self._close_value(token)
            options.append(tuple((one,) for one in close) or ((token,),))
            position += 1
        if not wrong or wrong > _MOST_MENDED:
            return []
        chosen = (tuple(token for part in parts for token in part) for parts in product(*options))
        return [one for one, _ in zip(chosen, range(_MOST_VARIANTS), strict=False) if one != tuple(sentence)]

    def _add(self, name: tuple[str, ...], item: ReachableItem) -> None:
        for token in set(name):
            self._by_token.setdefault(token, []).append(len(self._names))
        self._names.append((name, item))

    def _mentions(self, sentence: Sequence[str]) -> Iterator[Mention]:
        found = {index for token in sentence for index in self._by_token.get(token, ())}
        return (self._mention(index, sentence) for index in sorted(found))

    def _mention(self, index: int, sentence: Sequence[str]) -> Mention:
        name, item = self._names[index]
        used: set[int] = set()
        for token in name:
            place = next((i for i, one in enumerate(sentence) if one == token and i not in used), None)
            if place is not None:
                used.add(place)
        return Mention(item=item, used=frozenset(used), of=len(name))

    def _is_known(self, token: str) -> bool:
        return token in self._known or token in self._vocabulary.known or number(token) is not None or len(token) < 4

    def _close_value(self, token: str) -> tuple[str, ...]:
        return _close(token, self._vocabulary.of_values, 1) if len(token) > 4 else ()

    def _close_to(self, token: str, words: Iterable[str]) -> tuple[str, ...]:
        return _close(token, [word for word in words if len(word) > 3], 2 if len(token) > 7 else 1)


def _close(token: str, words: Sequence[str], most: int) -> tuple[str, ...]:
    """The words with the fewest typing errors between them and a token."""
    from rapidfuzz import process  # noqa: PLC0415 - it takes 0.05 s, and most services never need it
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    found = process.extract(token, words, scorer=OSA.distance, score_cutoff=most, limit=5)
    best = min((distance for _, distance, _ in found), default=0)
    return tuple(word for word, distance, _ in found if distance == best)


def _joined(name: tuple[str, ...]) -> Iterator[str]:
    """The name in one word, as German writes it, whatever comes first."""
    if 1 < len(name) <= _MOST_JOINED:
        yield from {"".join(parts) for parts in permutations(name)}
