"""States and commands by item type: which texts openHAB accepts, and how it prints them."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import NamedTuple
from zoneinfo import ZoneInfo

from twilio_binding.model.sentences.units import in_unit, number_with_unit
from twilio_binding.sandbox.openhab import datetimes


class State(NamedTuple):
    """A state: its type, as in events, and its text."""

    type: str
    value: str


NULL = State("UnDef", "NULL")
UNDEF = State("UnDef", "UNDEF")
UNITS = {"Temperature": "°C", "Dimensionless": "one", "Pressure": "hPa", "Length": "m", "Speed": "km/h"}
"""The units of items by dimension, in metric countries."""
_BASE_UNITS = {"°C": "K", "°F": "K", "hPa": "Pa", "km/h": "m/s"}
ITEM_TYPES = frozenset(
    [
        *("Call", "Color", "Contact", "DateTime", "Dimmer", "Group", "Image"),
        *("Location", "Number", "Player", "Rollershutter", "String", "Switch"),
    ]
)

_QUANTITY = re.compile(r"([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*(\S.*)")
_DATA_URI = re.compile(r"data:[^;,]*;[^,]*,.*", re.DOTALL)
_ON_OFF = {"ON": "100", "OFF": "0"}
_UP_DOWN = {"UP": "0", "DOWN": "100"}
_WORDS = {
    "Switch": ("OnOff", frozenset({"ON", "OFF"})),
    "Contact": ("OpenClosed", frozenset({"OPEN", "CLOSED"})),
}
_COMMAND_WORDS = {
    "Dimmer": {"ON": "OnOff", "OFF": "OnOff", "INCREASE": "IncreaseDecrease", "DECREASE": "IncreaseDecrease"},
    "Color": {"INCREASE": "IncreaseDecrease", "DECREASE": "IncreaseDecrease"},
    "Rollershutter": {"UP": "UpDown", "DOWN": "UpDown", "STOP": "StopMove", "MOVE": "StopMove"},
    "Player": {"NEXT": "NextPrevious", "PREVIOUS": "NextPrevious"},
}


def parse_state(item_type: str, text: str, zone: ZoneInfo) -> State | None:
    """The state that an item of `item_type` makes of `text`, or None if it refuses the text."""
    if text in {"NULL", "UNDEF"}:
        return State("UnDef", text)
    base = item_type.partition(":")[0]
    if base == "DateTime":
        moment = datetimes.canonical(text, zone)
        return State("DateTime", moment) if moment else None
    reader = _READERS.get(base)
    return reader(text) if reader else None


def in_base_unit(state: State) -> State:
    """A state as the events of a group have it: openHAB calculates in base units."""
    found = number_with_unit(state.value) if state.type == "Quantity" else None
    base = _BASE_UNITS.get(found[1], "") if found else ""
    number = in_unit(*found, base) if found and base else None
    return state if number is None else State("Quantity", f"{number:.10g} {base}")


def parse_command(item_type: str, text: str, zone: ZoneInfo) -> State | None:
    """The command that an item of `item_type` makes of `text`, or None if it refuses the text."""
    base = item_type.partition(":")[0]
    if base == "String":
        return State("String", text)
    if text == "REFRESH":
        return State("Refresh", text)
    word = _COMMAND_WORDS.get(base, {}).get(text)
    if word:
        return State(word, text)
    if base in {"Contact", "Image"} or text in {"NULL", "UNDEF"}:
        return None
    return parse_state(item_type, text, zone)


def after_command(item_type: str, command: State, zone: ZoneInfo) -> State | None:
    """The state that autoupdate sets after `command`, or None."""
    if command.type in {"IncreaseDecrease", "StopMove", "NextPrevious", "Refresh"}:
        return None
    if item_type.partition(":")[0] == "String":
        return command
    return parse_state(item_type, command.value, zone)


def _decimal(text: str) -> str | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return f"{number:f}" if number.is_finite() and text.strip() == text else None


def _number(text: str) -> State | None:
    plain = _decimal(text)
    if plain is not None:
        return State("Decimal", plain)
    found = _QUANTITY.fullmatch(text)
    return State("Quantity", f"{found[1]} {found[2]}") if found else None


def _percent(text: str) -> State | None:
    plain = _decimal(text)
    return State("Percent", plain) if plain is not None and 0 <= Decimal(plain) <= 100 else None


def _numbers(text: str, least: int, most: int) -> list[str] | None:
    parts = [_decimal(part.strip()) for part in text.split(",")]
    numbers = [part for part in parts if part is not None]
    return numbers if len(numbers) == len(parts) and least <= len(parts) <= most else None


def _point(text: str) -> State | None:
    parts = _numbers(text, 2, 3)
    inside = parts and -90 <= Decimal(parts[0]) <= 90
    return State("Point", ",".join(parts)) if parts and inside else None


def _color(text: str) -> State | None:
    parts = _numbers(text, 3, 3)
    if parts:
        return State("HSB", ",".join(parts))
    level = _percent(_ON_OFF.get(text, text))
    return State("HSB", f"0,0,{level.value}") if level else None


def _image(text: str) -> State | None:
    return State("Raw", text) if _DATA_URI.fullmatch(text) else None


def _player(text: str) -> State | None:
    if text in {"PLAY", "PAUSE"}:
        return State("PlayPause", text)
    return State("RewindFastforward", text) if text in {"REWIND", "FASTFORWARD"} else None


def _word(base: str) -> Callable[[str], State | None]:
    kind, words = _WORDS[base]
    return lambda text: State(kind, text) if text in words else None


_READERS: dict[str, Callable[[str], State | None]] = {
    "String": lambda text: State("String", text),
    "Number": _number,
    "Switch": _word("Switch"),
    "Contact": _word("Contact"),
    "Dimmer": lambda text: _percent(_ON_OFF.get(text, text)),
    "Rollershutter": lambda text: _percent(_UP_DOWN.get(text, text)),
    "Color": _color,
    "Image": _image,
    "Location": _point,
    "Player": _player,
    "Call": lambda text: State("StringList", text),
}
