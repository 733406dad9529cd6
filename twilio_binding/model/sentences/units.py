"""Units of measurement: reads numbers with units, and converts them between units of the same kind that patterns of items use."""

from __future__ import annotations

import re
from collections.abc import Mapping

_QUANTITY = re.compile(r"([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\d.])\s*(\S.*)?", re.DOTALL)
"""A text such as 192.168.1.1 begins with no number."""
_LEVELS = {"ON": "100", "OFF": "0", "UP": "0", "DOWN": "100"}
_PREFIXES = {"": 1.0, "n": 1e-9, "µ": 1e-6, "m": 1e-3, "c": 0.01, "d": 0.1, "h": 100.0}
_PREFIXES |= {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_WITH_PREFIX = (
    "Wh",
    "varh",
    "VAh",
    "Ah",
    "W",
    "var",
    "VA",
    "V",
    "A",
    "Ω",
    "Hz",
    "J",
    "Pa",
    "m",
    "g",
    "l",
    "s",
    "bit/s",
    "B",
)
_ALONE: Mapping[str, tuple[str, float]] = {
    "one": ("share", 1.0),
    "%": ("share", 0.01),
    "min": ("s", 60.0),
    "h": ("s", 3600.0),
    "d": ("s", 86400.0),
    "m/s": ("speed", 1.0),
    "km/h": ("speed", 1 / 3.6),
    "mph": ("speed", 0.44704),
    "kn": ("speed", 1852 / 3600),
    "mm/h": ("rain", 1.0),
    "in/h": ("rain", 25.4),
    "in": ("m", 0.0254),
    "ft": ("m", 0.3048),
    "mi": ("m", 1609.344),
    "t": ("g", 1e6),
    "lb": ("g", 453.59237),
    "inHg": ("Pa", 3386.389),
    "mmHg": ("Pa", 133.322),
    "bar": ("Pa", 1e5),
    "mbar": ("Pa", 100.0),
}
_SAID: Mapping[str, tuple[str, ...]] = {
    "Power": ("W", "kW", "VA"),
    "Energy": ("Wh", "kWh", "J"),
    "ElectricPotential": ("V", "mV"),
    "ElectricCurrent": ("A", "mA"),
    "Illuminance": ("lx",),
    "Pressure": ("hPa", "mbar", "bar", "Pa"),
    "Length": ("m", "cm", "mm", "km"),
    "Mass": ("g", "kg", "t"),
    "Volume": ("l", "ml"),
    "Frequency": ("Hz", "kHz", "MHz"),
    "Time": ("s", "min", "h", "d"),
    "Temperature": ("K",),
}
"""Units by dimension, as people write them after a number, in any case."""
_TEMPERATURES: Mapping[str, tuple[float, float]] = {"K": (1.0, 0.0), "°C": (1.0, 273.15), "°F": (5 / 9, 459.67 * 5 / 9)}


def number_with_unit(text: str) -> tuple[float, str] | None:
    """The number that a state or command begins with, and its unit, "" for none; None if it begins with no number."""
    found = _QUANTITY.fullmatch(text)
    return (float(found[1]), found[2] or "") if found else None


def level_of(kind: str, text: str) -> tuple[float, str] | None:
    """The same for an item type: ON, OFF, UP and DOWN are levels, and that of a color is its brightness."""
    if kind == "Color" and text.count(",") == 2:
        text = text.rpartition(",")[2]
    return number_with_unit(_LEVELS.get(text, text))


def in_unit(number: float, unit: str, wanted: str) -> float | None:
    """A number in another unit; None if the units are of different kinds, or one is unknown."""
    if unit == wanted:
        return number
    if unit in _TEMPERATURES and wanted in _TEMPERATURES:
        (factor, zero), (wanted_factor, wanted_zero) = _TEMPERATURES[unit], _TEMPERATURES[wanted]
        return (number * factor + zero - wanted_zero) / wanted_factor
    (kind, factor), (wanted_kind, wanted_factor) = _scale(unit), _scale(wanted)
    return number * factor / wanted_factor if kind and kind == wanted_kind else None


def said_unit(dimension: str, token: str) -> str:
    """The unit of a word after a number; "" if it is not a unit of this dimension."""
    return next((unit for unit in _SAID.get(dimension, ()) if unit.casefold() == token), "")


def unit_of(pattern: str) -> str:
    """The unit in a pattern such as `%.1f kWh`; "" if the pattern uses the state's unit, or none."""
    _, blank, last = pattern.strip().rpartition(" ")
    if last.endswith("%%"):
        return "%"
    return last if blank and "%" not in last else ""


def is_known(unit: str) -> bool:
    """Whether numbers in this unit can be converted."""
    return unit in _TEMPERATURES or bool(_scale(unit)[0])


def _scale(unit: str) -> tuple[str, float]:
    if unit in _ALONE:
        return _ALONE[unit]
    for base in _WITH_PREFIX:
        if unit.endswith(base) and unit[: -len(base)] in _PREFIXES:
            return base, _PREFIXES[unit[: -len(base)]]
    return "", 1.0
