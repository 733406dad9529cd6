"""Typing errors in unknown words: possible words of names and of the language."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import product

from twilio_binding.model.sentences.tokens import number
from twilio_binding.model.sentences.vocabulary import Vocabulary

LINKS = ("", "n", "s", "en", "es")
"""What German puts between the parts of a compound word."""
_SHORT = 3
"""Letters of a word that names contain literally."""
_LONG = 5
"""Letters of a word in which a typing error is tolerated, whatever it means."""
_VERY_LONG = 7
"""Letters of a word beyond which a second typing error is forgiven."""
_MOST_VARIANTS = 12
_MOST_MENDED = 3
"""Maximum mistyped words in a sentence; otherwise everything could be another sentence."""


class TypingErrors:
    """Corrects sentences. `names` are the words of names, `known` all words with a meaning, `places` the words of rooms."""

    def __init__(
        self, vocabulary: Vocabulary, names: Collection[str], *, known: Collection[str], places: Collection[str]
    ) -> None:
        self._vocabulary = vocabulary
        self._names = names
        self._known = known
        self._places = places
        self._fixable: dict[str, list[str]] = {}
        for token in names:
            if len(token) > _SHORT:
                self._fixable.setdefault(_digits(token), []).append(token)

    def mended(self, sentence: Sequence[str]) -> list[tuple[str, ...]]:
        """The sentence with unknown words replaced by likely ones, in all ways."""
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

    def _is_known(self, token: str) -> bool:
        return token in self._known or token in self._vocabulary.known or number(token) is not None or len(token) < 3

    def _close_word(self, token: str) -> tuple[str, ...]:
        """Words of the language within one typing error. The first letter is seldom wrong."""
        if len(token) < _LONG:
            close = _close(token, self._vocabulary.idle, 1)
            return tuple(one for one in close if sorted(one) == sorted(token) or (len(one) == _LONG and len(token) > 3))
        close = _close(token, self._vocabulary.plain, 1)
        return tuple(one for one in close if self._is_meant(one, token))

    def _is_meant(self, word: str, written: str) -> bool:
        """Whether a word is a likely typing error. With another letter, a value may become another one: "ausfahren" is not "auffahren"."""
        if self._vocabulary.values((word,)) and len(word) == len(written) and sorted(word) != sorted(written):
            return False
        return word[0] == written[0] or sorted(word[:2]) == sorted(written[:2])

    def _parts(self, token: str) -> tuple[str, ...]:
        """The two words, a name and a room, that German writes as one."""
        for cut in range(3, len(token) - 2):
            first, second = token[:cut], token[cut:]
            if second in self._names:
                for link in LINKS:
                    one = first.removesuffix(link)
                    if first.endswith(link) and len(one) > 2 and (one in self._places or one in self._names):
                        return (one, second)
        return ()

    def _close_name(self, token: str) -> tuple[str, ...]:
        """The words of names with one typing error, or in long ones with two, which are seldom in the first letter.

        Another digit is none: "zone3" is not "zone2", nor is "zones".
        """
        fixable = self._fixable.get(_digits(token), ())
        found = _close(token, fixable, 1) if len(token) > _SHORT else ()
        if found or len(token) <= _VERY_LONG:
            return found
        return tuple(one for one in _close(token, fixable, 2) if one[0] == token[0])


def _digits(token: str) -> str:
    return "".join(filter(str.isdecimal, token))


def _close(token: str, words: Sequence[str], most: int) -> tuple[str, ...]:
    """The words with the fewest typing errors compared with a token."""
    from rapidfuzz import process  # noqa: PLC0415 - it takes 0.05 s, and most services never need it
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    found = process.extract(token, words, scorer=OSA.distance, score_cutoff=most, limit=5)
    best = min((distance for _, distance, _ in found), default=0)
    return tuple(word for word, distance, _ in found if distance == best)
