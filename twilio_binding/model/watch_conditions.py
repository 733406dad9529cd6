"""Conditions that start an alarm: `openhab down 5m or item Smoke = ON for 10s or no update of Heartbeat 30m`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import isclose
from typing import Literal

from twilio_binding.model.durations import written
from twilio_binding.model.grammar import ITEM, GrammarError, TokenReader
from twilio_binding.model.sentences.units import in_unit, is_known, number_with_unit

Dependency = Literal["openhab", "broker"]
Operator = Literal["=", "!=", "<", "<=", ">", ">="]

_DOWN = 300.0
"""Default seconds for which a dependency must be down."""
_UNIT = re.compile(r"[^\d\s.,;:]\S*")
_TOKEN = re.compile(
    r"""\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<operator>[<>!]?=|[<>])|(?P<word>[^\s<>=!"']+|!))"""
)
_WITHOUT_STATE = ("NULL", "UNDEF")
_DEGREES = {"C": "°C", "F": "°F"}
_NAMES = {"openhab": "openHAB", "broker": "The MQTT broker"}


class ConditionError(GrammarError):
    """Conditions that cannot be parsed."""

    refusal = "bad_condition"


@dataclass(frozen=True, slots=True, kw_only=True)
class IsDown:
    """A dependency is down for some seconds."""

    what: Dependency
    seconds: float

    def __str__(self) -> str:
        return f"{_NAMES[self.what]} has been down for {written(self.seconds)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class NoUpdate:
    """An item gets no update for some seconds."""

    item: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.item} has had no update for {written(self.seconds)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemIs:
    """The state of an item compares to a value for some seconds; for numbers, it only ends beyond `hysteresis`.

    A state in another unit than the value is converted, if both units are known. `hysteresis` is in the unit of the value.
    """

    item: str
    operator: Operator
    value: str
    seconds: float = 0.0
    hysteresis: float = 0.0

    def __str__(self) -> str:
        duration = f" for {written(self.seconds)}" if self.seconds else ""
        return f"{self.item} {self.operator} {self.value}{duration}."

    @property
    def is_about_a_number(self) -> bool:
        """Whether the value is a number, perhaps with a unit."""
        return _is_number(self.value)

    def holds(self, state: str, *, held: bool) -> bool:
        """Whether it holds for a state, if it `held` before; without a state, only if this is what the value says."""
        if state in _WITHOUT_STATE:
            return self.operator == "=" and self.value.upper() == state
        numbers = self._numbers(state)
        if self.operator in ("=", "!="):
            is_same = isclose(*numbers, abs_tol=1e-9) if numbers else state.casefold() == self.value.casefold()
            return is_same == (self.operator == "=")
        if numbers is None:
            return False
        found, wanted = numbers
        slack = self.hysteresis if held else 0.0
        match self.operator:
            case ">":
                return found > wanted - slack
            case ">=":
                return found >= wanted - slack
            case "<":
                return found < wanted + slack
            case _:
                return found <= wanted + slack

    def _numbers(self, state: str) -> tuple[float, float] | None:
        """The numbers of a state and of the value, in the same unit as far as possible; None if they are texts."""
        found, wanted = _quantity(state), _quantity(self.value)
        if found is None or wanted is None:
            return None
        unit = wanted[1]
        converted = in_unit(*found, unit) if found[1] and unit else None
        is_foreign = unit and (not is_known(unit) or (found[1] and converted is None))
        if is_foreign and self.operator in ("=", "!="):
            return None
        return found[0] if converted is None else converted, wanted[0]


Condition = IsDown | NoUpdate | ItemIs


def read_conditions(text: str) -> tuple[Condition, ...]:
    """The conditions in a text, any of which starts the alarm; none for ""; raises `ConditionError`."""
    reader = _Reader(text)
    found: list[Condition] = []
    while not reader.is_at_end or found:
        found.append(_condition(reader))
        if reader.is_at_end:
            break
        column = reader.column
        if reader.next().lower() != "or":
            raise ConditionError('expected "or" between two conditions; there is no "and"', column)
    return tuple(found)


def watched_items(conditions: Iterable[Condition]) -> tuple[str, ...]:
    """The items that conditions are about, each once."""
    found = (one.item for one in conditions if isinstance(one, ItemIs | NoUpdate))
    return tuple(dict.fromkeys(found))


def _condition(reader: _Reader) -> Condition:
    column = reader.column
    match reader.next().lower():
        case "openhab" | "broker" as what:
            reader.expect("down")
            dependency: Dependency = "openhab" if what == "openhab" else "broker"
            is_timed = reader.peek().lower() == "for" or reader.peek()[:1].isdigit()
            return IsDown(what=dependency, seconds=reader.duration() if is_timed else _DOWN)
        case "no":
            reader.expect("update")
            reader.expect("of")
            return NoUpdate(item=reader.item(), seconds=reader.duration())
        case "item":
            return _comparison(reader)
        case word:
            text = "begin with openhab down, broker down, no update of or item"
            raise ConditionError(f"unknown condition {word:.30}; {text}" if word else text, column)


def _comparison(reader: _Reader) -> ItemIs:
    item = reader.item()
    column = reader.column
    operator = reader.next()
    if operator not in ("=", "!=", "<", "<=", ">", ">="):
        raise ConditionError(f"expected =, !=, <, <=, > or >= and a value after {item:.30}", column)
    column = reader.column
    value = reader.value()
    if operator not in ("=", "!=") and not _is_number(value):
        raise ConditionError(f"expected a number after {operator}, such as 21.5 or 60 °C", column)
    if not value:
        raise ConditionError("expected a value, such as ON", column)
    seconds = hysteresis = 0.0
    while (word := reader.peek().lower()) in ("for", "hysteresis"):
        if word == "for":
            seconds = reader.duration()
            continue
        reader.next()
        column = reader.column
        given = _quantity(reader.value())
        if given is None or given[0] < 0 or operator in ("=", "!="):
            raise ConditionError("hysteresis needs a number, and works only with <, <=, > and >=", column)
        hysteresis = given[0]
    return ItemIs(
        item=item,
        operator=operator,  # type: ignore[arg-type]  # mypy does not narrow a text to literals
        value=value,
        seconds=seconds,
        hysteresis=hysteresis,
    )


def _quantity(text: str) -> tuple[float, str] | None:
    """The number at the beginning of a text, and what follows it, such as a unit; None if it begins with no number."""
    found = number_with_unit(text.strip())
    return (found[0], _DEGREES.get(found[1], found[1])) if found else None


def _is_number(value: str) -> bool:
    """Whether a value is a number, perhaps with a unit."""
    given = _quantity(value)
    return given is not None and (not given[1] or _UNIT.fullmatch(given[1]) is not None)


class _Reader(TokenReader):
    """Reads words, quoted texts and operators from left to right."""

    def __init__(self, text: str) -> None:
        super().__init__(text, _TOKEN, ConditionError)

    def peek(self) -> str:
        """The next token; "" at the end."""
        return "" if self.is_at_end else self._tokens[self._next].text

    def next(self) -> str:
        """Read the next token; "" at the end."""
        found = self.peek()
        self._next += 1
        return found

    def value(self) -> str:
        """Read a value; the unit of a number may be a separate word. "" if none follows."""
        if self.is_at_end or self._tokens[self._next].kind == "operator":
            return ""
        found = self.next()
        unit = self.peek()
        has_unit = _quantity(found) and (is_known(unit) or unit in _DEGREES)
        return f"{found} {self.next()}" if has_unit else found

    def expect(self, word: str) -> None:
        """Read a required word."""
        column = self.column
        if self.next().lower() != word:
            raise ConditionError(f"expected {word}", column)

    def item(self) -> str:
        """Read the name of an item."""
        column = self.column
        name = self.next()
        if not ITEM.fullmatch(name):
            raise ConditionError("expected the name of an item", column)
        return name

    def duration(self) -> float:
        """Read a required duration, perhaps after `for`."""
        if self.peek().lower() == "for":
            self.next()
        column = self.column
        seconds = self.take_duration()
        if seconds is None:
            raise ConditionError("expected a time such as 60s, 5m or 1h, at most 24h", column)
        return seconds
