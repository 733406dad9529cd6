"""Finds the items that a sentence names, in any order and form of their words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product

from twilio_binding.model.sentences.items import ReachableItem, ReachableItems
from twilio_binding.model.sentences.typing_errors import LINKS, TypingErrors
from twilio_binding.model.sentences.values import own_words
from twilio_binding.model.sentences.vocabulary import ALL, FILLER, Vocabulary

_MOST_JOINED = 3
_PLURALS = ("s", "n", "en", "e", "er", "es")
_MOST_PARTIAL = 20
"""Maximum number of items to check that a sentence names in part."""
_MOST_TOKENS = 16
"""Maximum tokens at the beginning of a sentence that may be parts of one word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """An item that a sentence names, with the tokens used, and the number of tokens of its name.

    `is_together`: its numbers are beside its words, so that in "zone 1 to 10" zone 10 is not meant.
    """

    item: ReachableItem
    used: frozenset[int]
    of: int
    is_together: bool = True


class Names:
    """The names of all items that somebody can use."""

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
        places = frozenset(token for item in items.by_name.values() for token in item.place)
        own = (token for item in items.by_name.values() for word, _ in own_words(item) for token in word)
        self._known = frozenset((*self._by_token, *own, *places))
        self.mended = TypingErrors(vocabulary, self._by_token, known=self._known, places=places).mended

    def with_numbers(self, sentence: Sequence[str]) -> tuple[str, ...]:
        """The sentence with digits instead of number words that are in no name."""
        return self._vocabulary.in_digits(sentence, names=self._known)

    def complete(self, sentence: Sequence[str]) -> Iterator[Mention]:
        """The items whose whole name is in the sentence, each with its longest name."""
        best: dict[str, Mention] = {}
        for index in sorted({index for token in sentence for index in self._by_rarest.get(token, ())}):
            mention = self._mention(index, sentence)
            before = best.get(mention.item.name)
            if mention.of == len(mention.used) and (before is None or mention.of > before.of):
                best[mention.item.name] = mention
        return iter(best.values())

    def partial(self, sentence: Sequence[str]) -> list[Mention]:
        """Items with the most words in the sentence; among equals, those with the fewest other words first."""
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
        """The sentence with a word replaced by its form in a name: plural, singular, a word for the same thing, or "light in the hall".

        If names have both forms, one word alone is ambiguous: "light" is not the group "lights". The words of a whole name
        stay as they are: "entrance, lamp 2 on" is not about the "entrance light".
        """
        named = {place for one in self.complete(sentence) if len(one.used) > 1 for place in one.used}
        are_all = any(ALL in self._vocabulary.meanings((token,)) for token in sentence)
        for position, token in enumerate(sentence):
            if position in named:
                continue
            for other in dict.fromkeys(
                (*_other_numbers(token), *self._vocabulary.alike(token), *self._compounds(token))
            ):
                variant = (*sentence[:position], other, *sentence[position + 1 :])
                names = (self._names[index][0] for index in self._by_token.get(other, ()))
                is_sure = are_all or token not in self._by_token
                if any(is_sure or (len(name) > 1 and set(name) <= set(variant)) for name in names):
                    yield variant
        forms = [(token, *self._vocabulary.alike(token)) for token in sentence[:_MOST_TOKENS]]
        for first, second in permutations((place for place in range(len(forms)) if place not in named), 2):
            rest = [token for place, token in enumerate(sentence) if place not in (first, second)]
            for one, link, other in product(forms[first], LINKS, forms[second]):
                if (joined := f"{one}{link}{other}") in self._by_token:
                    yield (joined, *rest)

    def _compounds(self, token: str) -> Iterator[str]:
        """The word with another one for the same thing at its end, such as "hallway lamp" for "hallway light" in one word."""
        for cut in range(2, len(token) - 3):
            yield from (token[:cut] + other for other in self._vocabulary.alike(token[cut:]))

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
        is_together = max(used, default=0) - min(used, default=0) < len(name)
        has_number = any(token.isdecimal() for token in name)
        return Mention(item=item, used=frozenset(used), of=len(name), is_together=is_together or not has_number)


def _other_numbers(token: str) -> Iterator[str]:
    """Possible plural or singular forms of a word."""
    if len(token) > 3:
        for ending in _PLURALS:
            yield token + ending
            if token.endswith(ending) and len(token) - len(ending) > 2:
                yield token.removesuffix(ending)


def _joined(name: tuple[str, ...]) -> Iterator[str]:
    """The name as one word, as in German, after anything."""
    if 1 < len(name) <= _MOST_JOINED:
        yield from {"".join(parts) for parts in permutations(name)}
