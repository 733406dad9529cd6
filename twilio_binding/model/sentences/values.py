"""Commands by item type: what the words and numbers of a sentence tell an item to do."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from twilio_binding.model.sentences.differences import PERCENT_TYPES, difference, is_within
from twilio_binding.model.sentences.items import ReachableItem
from twilio_binding.model.sentences.tokens import number, plain_number, tokens
from twilio_binding.model.sentences.units import in_unit, is_known, unit_of
from twilio_binding.model.sentences.vocabulary import COLORS, UNITS, Vocabulary

_SWITCH = {"ON": "ON", "OFF": "OFF"}
_RUNNING = {"START": "ON", "STOP": "OFF"}
_DIMMER = {
    **_SWITCH,
    **dict.fromkeys(("UP", "MORE"), "INCREASE"),
    **dict.fromkeys(("DOWN", "LESS", "DIM"), "DECREASE"),
    "MAX": "100",
    "MIN": "0",
    "HALF": "50",
}
_SHUTTER = {"UP": "UP", "DOWN": "DOWN", "OPEN": "UP", "CLOSED": "DOWN", "STOP": "STOP", "HALF": "50"}
_SHUTTER |= {"EXTEND": "DOWN", "RETRACT": "UP"}  # of an awning, which covers more when it is extended
_PLAYER = {
    "ON": "PLAY",
    "OFF": "PAUSE",
    "PLAY": "PLAY",
    "START": "PLAY",
    "PAUSE": "PAUSE",
    "STOP": "PAUSE",
    "NEXT": "NEXT",
    "PREVIOUS": "PREVIOUS",
}
_BY_TYPE: Mapping[str, Mapping[str, str]] = {
    "Switch": _SWITCH,
    "Dimmer": _DIMMER,
    "Color": {**_DIMMER, **COLORS},
    "Rollershutter": _SHUTTER,
    "Player": {**_PLAYER, "REWIND": "REWIND", "FASTFORWARD": "FASTFORWARD"},
}
_MORE = frozenset(("UP", "MORE"))
_LESS = frozenset(("DOWN", "LESS"))
_DIRECTIONS = _MORE | _LESS
_WAYS = frozenset(("ON", "OPEN", "CLOSED", "UP", "DOWN", "DIM"))
_MOST_WARMER = 10
"""Degrees from which a number is more likely a temperature than a difference."""
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_HOUR = re.compile(r"(\d{1,2})(?:[.:](\d{2}))?")
_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y")


@dataclass(slots=True, kw_only=True)
class GivenWords:
    """The rest of a sentence besides the name: meanings of each word, numbers with the meaning of their unit, times, texts.

    `own` are the values of the item's own words. `is_absolute`: the number is not a difference, as in "up to 50";
    `is_difference`: it is one if a word says the direction, as in "dim by 2".
    """

    words: list[frozenset[str]] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    moments: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    is_absolute: bool = False
    is_difference: bool = False

    def __bool__(self) -> bool:
        return bool(self.words or self.numbers or self.moments or self.own or self.units)


def command_of(item: ReachableItem, given: GivenWords, vocabulary: Vocabulary, now: datetime) -> str | None:
    """The command that a sentence means for an item; None if the item accepts none like it, or if there are two."""
    found: set[str]
    if item.type == "DateTime" and given.moments and not (given.words or given.numbers):
        moment = _moment(given.moments, now)
        found = {moment} if moment else set()
    elif given.moments:
        return None
    elif given.numbers or given.units:
        if any(not _goes_with_number(word) for word in given.words):
            return None
        value = _number(item, given)
        found = {value} if value is not None else set()
    else:
        found = _by_words(item, given.words, vocabulary) if given.words else set(given.own)
        found = found or _one_degree(item, given.words)
    found |= set(given.own)
    if len(found) != 1:
        return None
    (command,) = found
    return command if not item.commands or command in item.commands else None


def accepted(item: ReachableItem, vocabulary: Vocabulary) -> dict[str, str]:
    """The command for each meaning that an item accepts."""
    return dict(_accepted(item, vocabulary))


def own_words(item: ReachableItem) -> Iterable[tuple[tuple[str, ...], str]]:
    """The item's own words, and their values."""
    for value, words in item.words.items():
        for word in (*words, value):
            if taken := tokens(word):
                yield taken, value


def types_of(item: ReachableItem) -> frozenset[str]:
    """The item types whose commands it accepts."""
    return frozenset((item.type,)) if item.type else item.member_types


@cache
def _meanings_of_own(item_words: tuple[tuple[str, tuple[str, ...]], ...], vocabulary: Vocabulary) -> dict[str, str]:
    found: dict[str, str] = {}
    for value, words in item_words:
        for word in words:
            for meaning in vocabulary.values(tokens(word)):
                found.setdefault(meaning, value)
    values = [value for value, _ in item_words]
    # A door that is either locked or open is unlocked by opening it; one that is locked or tilted is not.
    for meaning, opposite, like in (("LOCKED", "UNLOCKED", "OPEN"), ("UNLOCKED", "LOCKED", "CLOSED")):
        if meaning in found and like in found and len(values) == 2 and found[like] != found[meaning]:
            found.setdefault(opposite, found[like])
    return found


def _accepted(item: ReachableItem, vocabulary: Vocabulary) -> Iterable[tuple[str, str]]:
    for kind in types_of(item):
        if kind == "Switch" and not any(item.words.values()):  # stopping a gate is not closing it
            yield from _RUNNING.items()
        yield from _BY_TYPE.get(kind, {}).items()
    yield from _meanings_of_own(tuple(item.words.items()), vocabulary).items()


def _by_words(item: ReachableItem, words: list[frozenset[str]], vocabulary: Vocabulary) -> set[str]:
    takes = accepted(item, vocabulary)
    if "HALF" in takes and any("HALF" in word for word in words):
        words = [word for word in words if not word & _WAYS or "HALF" in word]  # half open is half closed
    options = [{takes[meaning] for meaning in word if meaning in takes} for word in words]
    return set.intersection(*options) if options and all(options) else set()


def _one_degree(item: ReachableItem, words: list[frozenset[str]]) -> set[str]:
    """The command of "warmer" without a number, for an item that measures degrees: one more in the unit that it shows."""
    if types_of(item) != {"Number"} or item.dimension != "Temperature" or item.is_group or not words:
        return set()
    shown = unit_of(item.pattern)
    symbol = shown if is_known(shown) else ""
    return {difference(sign, symbol) for sign, way in ((1, _MORE), (-1, _LESS)) if all(word <= way for word in words)}


def _goes_with_number(word: frozenset[str]) -> bool:
    return bool(word & {"ON", "DIM", *_DIRECTIONS} or word & COLORS.keys() == word)


def _number(item: ReachableItem, given: GivenWords) -> str | None:
    sign = _sign(item, given)
    if sign is None or len(given.numbers) != 1 or len(set(given.units)) > 1:
        return None
    value, unit, types = given.numbers[0], given.units[0] if given.units else "", types_of(item)
    used = _DIRECTIONS | {"DIM"} if sign else _DIRECTIONS
    words = [word for word in given.words if not word & used]
    if types and types <= PERCENT_TYPES:
        fits = unit in ("", "PERCENT") and 0 <= abs(value) <= 100 and (sign or value >= 0)
        if not fits or any(word & COLORS.keys() for word in words):
            return None
        return difference(sign * abs(value)) if sign else plain_number(value)
    if types != {"Number"} or words or (sign and value < 0):
        return None
    if item.dimension == "Temperature" and not _is_clear(value, given, is_difference=bool(sign)):
        return None
    if unit in ("CELSIUS", "FAHRENHEIT", "DEGREES") and item.dimension not in ("Temperature", ""):
        return None
    shown = unit_of(item.pattern)  # people give numbers in the unit that they see
    if unit == "PERCENT" and (item.dimension not in ("Dimensionless", "") or (sign and shown != "%")):
        return None
    symbol = UNITS.get(unit, unit) or (shown if is_known(shown) else "")
    symbol = symbol if item.dimension else ""
    if sign:
        return difference(sign * value, symbol)
    limited = in_unit(value, symbol, shown) if symbol and shown else value
    return f"{plain_number(value)} {symbol}".strip() if is_within(item, value if limited is None else limited) else None


def _is_clear(degrees: float, given: GivenWords, *, is_difference: bool) -> bool:
    """Whether degrees are not rather the other: "21 degrees warmer" may be a temperature, "heating -2" a difference."""
    if is_difference:
        return degrees < _MOST_WARMER
    return given.is_absolute or not -_MOST_WARMER < degrees < 0


def _sign(item: ReachableItem, given: GivenWords) -> int | None:
    """1 or -1 if the number is a difference, 0 if it is the value itself; None if it is neither for this item."""
    is_more, is_less = (any(word & way for word in given.words) for way in (_MORE, _LESS))
    is_less |= given.is_difference and any("DIM" in word for word in given.words)
    if given.is_absolute or not (is_more or is_less or given.is_difference):
        return 0
    if is_more == is_less or item.is_group:
        return None
    if "Rollershutter" not in types_of(item):
        return 1 if is_more else -1
    says_way = given.is_difference and all(word & {"UP", "DOWN"} for word in given.words)  # "down 70" may be a position
    return (-1 if is_more else 1) if says_way else None


def _moment(written: list[str], now: datetime) -> str | None:
    """A time in openHAB's form; a time of day means the next one."""
    day, clock = None, None
    for token in written:
        if found := _TIME.fullmatch(token):
            clock = clock or found
        else:
            day = day or read_date(token)
    if day is None and clock is None:
        return None
    moment = (day or now).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if clock:
        moment = moment.replace(hour=int(clock[1]), minute=int(clock[2]))
        if day is None and moment <= now.replace(tzinfo=None):
            moment += timedelta(days=1)
    return moment.isoformat(timespec="seconds")


def read_date(token: str) -> datetime | None:
    """The day in a token; None if there is none."""
    for form in _DATES:
        try:
            return datetime.strptime(token, form)  # noqa: DTZ007 - openHAB adds its own zone
        except ValueError:
            continue
    return None


def clock_time(token: str, clocks: Collection[str] = ()) -> str:
    """The time in a token, for an item that accepts times: `6.30` or `7`, with what follows it; "" if there is none."""
    found = _HOUR.fullmatch(token)
    if found is None:
        return ""
    hour, minute = int(found[1]), int(found[2] or 0)
    if {"AM", "PM"} & set(clocks):
        if not 1 <= hour <= 12:
            return ""
        hour = hour % 12 + (12 if "PM" in clocks else 0)
    return f"{hour}:{minute:02}" if hour < 24 and minute < 60 else ""


def is_moment(token: str) -> bool:
    """Whether a token is a time or a day."""
    return bool(_TIME.fullmatch(token)) or (number(token) is None and read_date(token) is not None)
