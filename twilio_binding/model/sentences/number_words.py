"""Numbers in words, such as "twenty one" or "einundzwanzig"."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from twilio_binding.model.sentences.catalogue import Catalogue
from twilio_binding.model.sentences.tokens import number, tokens

_TENS = range(20, 100, 10)

_SIGNS = {"plus": "+", "minus": "-"}


class NumberWords:
    """The numbers of some languages up to a hundred.

    Those below five count only before a unit, or in a name, as in "gate two": "the two lamps" is no value. Those with
    another meaning count only before a unit: "lampe ein" is not "lampe 1", also if a name contains "1".
    """

    def __init__(self, catalogues: Iterable[Catalogue]) -> None:
        self._numbers: dict[tuple[str, ...], str] = {}
        self._small: dict[str, str] = {}
        self._points: set[str] = set()
        for one in catalogues:
            self._add(one)
        self._longest = max(len(phrase) for phrase in self._numbers)

    def in_digits(
        self,
        sentence: Sequence[str],
        *,
        names: Collection[str] = frozenset(),
        is_unit: Callable[..., bool],
        is_only_number: Callable[[str], bool],
    ) -> tuple[str, ...]:
        """The sentence with digits instead of words that are in none of the `names`."""
        found: list[str] = []
        place = 0
        while place < len(sentence):
            is_in_unit = place > 0 and is_unit(*sentence[place - 1 : place + 1])  # "pour cent" is no hundred
            lengths = () if is_in_unit else range(min(self._longest, len(sentence) - place), 0, -1)
            phrases = (tuple(sentence[place : place + length]) for length in lengths)
            phrase = next((one for one in phrases if one in self._numbers and not set(one) & set(names)), ())
            token, following = sentence[place], sentence[place + 1 : place + 2]
            small = self._small.get(token, "") if token not in names else ""
            if phrase:
                found.append(self._numbers[phrase])
            elif small and (
                is_unit(*following) or (small in names and set(found[-1:]) & set(names) and is_only_number(token))
            ):
                found.append(small)
            else:
                found.append(token)
            place += len(phrase) or 1
        return _with_signs(self._with_decimals(found), names)

    def small(self, token: str) -> str:
        """The digits of a number below five; the token itself if it is none."""
        return self._small.get(token, token)

    def _with_decimals(self, sentence: Sequence[str]) -> tuple[str, ...]:
        """The sentence with `21.5` instead of `21`, `point` and `5`."""
        found: list[str] = []
        for token in sentence:
            is_decimal = len(found) > 1 and found[-1] in self._points and found[-2].isdecimal()
            decimal = self.small(token)
            if is_decimal and decimal.isdecimal():
                found[-2:] = [f"{found[-2]}.{decimal}"]
            else:
                found.append(token)
        return tuple(found)

    def _add(self, one: Catalogue) -> None:
        numbers = {value: list(map(tokens, words)) for value, words in one.words("number")}
        small = {value: list(map(tokens, words)) for value, words in one.words("small")}
        self._numbers |= {phrase: value for value, phrases in numbers.items() for phrase in phrases}
        self._small |= {phrase[0]: value for value, phrases in small.items() for phrase in phrases}
        self._points |= set(tokens(one.said("point")))
        form = one.said("{tens} {ones}")
        for tens in _TENS:
            for ones in range(1, 10):
                parts = {**numbers, **small}
                for first in parts[str(tens)]:
                    for last in parts[str(ones)]:
                        written = form.format(tens=" ".join(first), ones=" ".join(last))
                        self._numbers.setdefault(tokens(written), str(tens + ones))


def _with_signs(sentence: Sequence[str], names: Collection[str]) -> tuple[str, ...]:
    """The sentence with `+2` instead of `plus` and `2`."""
    found: list[str] = []
    for token in sentence:
        sign = _SIGNS.get(found[-1], "") if found and found[-1] not in names else ""
        if sign and token[0].isdecimal() and number(token) is not None:
            found[-1] = f"{sign}{token}"
        else:
            found.append(token)
    return tuple(found)
