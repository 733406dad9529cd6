"""Finds the items whose names are in a sentence, whatever their order, and mends typing errors in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product

from twilio_binding.model.sentences.items import ReachableItem, ReachableItems
from twilio_binding.model.sentences.tokens import number
from twilio_binding.model.sentences.values import own_words
from twilio_binding.model.sentences.vocabulary import ALL, FILLER, Vocabulary

_MOST_JOINED = 3
_LINKS = ("", "n", "s", "en", "es")
_PLURALS = ("s", "n", "en", "e", "er", "es")
_MOST_PARTIAL = 20
"""Items of which a sentence names a part that are looked at."""
_MOST_TOKENS = 16
"""Tokens at the beginning of a sentence that may be parts of one word."""
_SHORT = 3
"""Letters of a word that names have just so."""
_LONG = 5
"""Letters of a word in which a typing error is forgiven, whatever it means."""
_VERY_LONG = 7
"""Letters of a word beyond which a second typing error is forgiven."""
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
        self._fixable = tuple(token for token in self._by_token if len(token) > _SHORT)
        self._places = frozenset(token for item in items.by_name.values() for token in item.place)
        own = (token for item in items.by_name.values() for word, _ in own_words(item) for token in word)
        self._known = frozenset((*self._by_token, *own, *self._places))

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
        """Some items of which the most words are in the sentence, those first whose names have fewest others."""
        said = Counter(index for token in set(sentence) for index in self._by_token.get(token, ()))
        most = max(said.values(), default=0)
        likely = sorted(
            (index for index, count in said.items() if count == most), key=lambda one: (len(self._names[one][0]), one)
        )
        found = [self._mention(index, sentence) for index in likely[:_MOST_PARTIAL]]
        best: dict[str, Mention] = {}
        for one in sorted(found, key=lambda one: (-len(one.used), one.of)):
            best.setdefault(one.item.name, one)
        return list(best.values())

    def inflected(self, sentence: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """The sentence with a word as a name has it, of one in the plural or in the singular, or of "light in the hall".

        Where names have it both ways, one word alone does not tell which: "light" is not the group "lights".
        """
        are_all = any(ALL in self._vocabulary.meanings((token,)) for token in sentence)
        for position, token in enumerate(sentence):
            for other in _other_numbers(token):
                variant = (*sentence[:position], other, *sentence[position + 1 :])
                names = (self._names[index][0] for index in self._by_token.get(other, ()))
                is_sure = are_all or token not in self._by_token
                if any(is_sure or (len(name) > 1 and set(name) <= set(variant)) for name in names):
                    yield variant
        for first, second in permutations(range(min(len(sentence), _MOST_TOKENS)), 2):
            for joined in (f"{sentence[first]}{link}{sentence[second]}" for link in _LINKS):
                if joined in self._by_token:
                    rest = (token for place, token in enumerate(sentence) if place not in (first, second))
                    yield (joined, *rest)

    def mended(self, sentence: Sequence[str]) -> list[tuple[str, ...]]:
        """The sentence with words that nobody knows replaced by those that were meant, in all ways."""
        known = [self._is_known(token) for token in sentence]
        if not 0 < known.count(False) <= _MOST_MENDED:
            return []
        options: list[Sequence[tuple[str, ...]]] = []
        position = 0
        while position < len(sentence):
            token = sentence[position]
            if known[position]:
                options.append(((token,),))
                position += 1
                continue
            pair = token + sentence[position + 1] if position + 1 < len(sentence) else ""
            joined = self._close_name(pair) if pair else ()
            if joined:
                options.append(tuple((one,) for one in joined))
                position += 2
                continue
            close = self._close_name(token) or self._close_word(token)
            parts = self._parts(token) if not close else ()
            options.append((parts,) if parts else tuple((one,) for one in close) or ((token,),))
            position += 1
        chosen = (tuple(token for part in parts for token in part) for parts in product(*options))
        return [one for one, _ in zip(chosen, range(_MOST_VARIANTS), strict=False) if one != tuple(sentence)]

    def _add(self, name: tuple[str, ...], item: ReachableItem) -> None:
        for token in set(name):
            self._by_token.setdefault(token, []).append(len(self._names))
        self._names.append((name, item))

    def _mention(self, index: int, sentence: Sequence[str]) -> Mention:
        name, item = self._names[index]
        used: set[int] = set()
        for token in name:
            place = next((i for i, one in enumerate(sentence) if one == token and i not in used), None)
            if place is not None:
                used.add(place)
        return Mention(item=item, used=frozenset(used), of=len(name))

    def _is_known(self, token: str) -> bool:
        return token in self._known or token in self._vocabulary.known or number(token) is not None or len(token) < 3

    def _close_word(self, token: str) -> tuple[str, ...]:
        """The words of the language with one typing error, which is seldom in the first letter."""
        if len(token) < _LONG:
            close = _close(token, self._vocabulary.idle, 1)
            return tuple(one for one in close if sorted(one) == sorted(token) or (len(one) == _LONG and len(token) > 3))
        close = _close(token, self._vocabulary.plain, 1)
        return tuple(one for one in close if one[0] == token[0] or sorted(one[:2]) == sorted(token[:2]))

    def _parts(self, token: str) -> tuple[str, ...]:
        """The two words, of a name and a room, that German writes as one."""
        for cut in range(3, len(token) - 2):
            first, second = token[:cut], token[cut:]
            if second in self._by_token:
                for link in _LINKS:
                    one = first.removesuffix(link)
                    if first.endswith(link) and len(one) > 2 and (one in self._places or one in self._by_token):
                        return (one, second)
        return ()

    def _close_name(self, token: str) -> tuple[str, ...]:
        """The words of names with one typing error, or in long ones with two, which are seldom in the first letter."""
        found = _close(token, self._fixable, 1) if len(token) > _SHORT else ()
        if found or len(token) <= _VERY_LONG:
            return found
        return tuple(one for one in _close(token, self._fixable, 2) if one[0] == token[0])


def _close(token: str, words: Sequence[str], most: int) -> tuple[str, ...]:
    """The words with the fewest typing errors between them and a token."""
    from rapidfuzz import process  # noqa: PLC0415 - it takes 0.05 s, and most services never need it
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    found = process.extract(token, words, scorer=OSA.distance, score_cutoff=most, limit=5)
    best = min((distance for _, distance, _ in found), default=0)
    return tuple(word for word, distance, _ in found if distance == best)


def _other_numbers(token: str) -> Iterator[str]:
    """How a word may be in the plural, or in the singular."""
    if len(token) > 3:
        for ending in _PLURALS:
            yield token + ending
            if token.endswith(ending) and len(token) - len(ending) > 2:
                yield token.removesuffix(ending)


def _joined(name: tuple[str, ...]) -> Iterator[str]:
    """The name in one word, as German writes it, whatever comes first."""
    if 1 < len(name) <= _MOST_JOINED:
        yield from {"".join(parts) for parts in permutations(name)}
