"""Quantities in a text for speech: `66 °C` becomes 66 degrees Celsius, `5 min` becomes 5 minutes."""

from __future__ import annotations

import re

from babel.units import format_unit

_UNITS = {
    "s": "duration-second",
    "min": "duration-minute",
    "h": "duration-hour",
    "°C": "temperature-celsius",
    "°F": "temperature-fahrenheit",
    "%": "concentr-percent",
    "km/h": "speed-kilometer-per-hour",
    "m/s": "speed-meter-per-second",
    "W": "power-watt",
    "kW": "power-kilowatt",
    "kWh": "energy-kilowatt-hour",
    "hPa": "pressure-hectopascal",
    "mbar": "pressure-millibar",
    "bar": "pressure-bar",
    "mm": "length-millimeter",
    "cm": "length-centimeter",
    "m": "length-meter",
    "km": "length-kilometer",
    "l": "volume-liter",
    "V": "electric-volt",
    "A": "electric-ampere",
    "lx": "light-lux",
    "ppm": "concentr-part-per-1e6",
}
_QUANTITY = re.compile(
    r"(?<![\w.,:/-])(-?\d{1,9}(?:[.,]\d{1,6})?)[ \u00a0]?("
    + "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))
    + r")(?![\w/°%])"
)
"""A number with its unit, not part of a longer word or number."""


def with_spoken_units(text: str, language: str) -> str:
    """The text with its units as words of a language; everything else stays as it is."""

    def say(found: re.Match[str]) -> str:
        number = float(found[1].replace(",", "."))
        # Some voices say a thousands separator as a point, so there is none.
        digits = format_unit(number, _UNITS[found[2]], length="long", format="0.######", locale=language)
        return digits.replace("\u00a0", " ")

    return _QUANTITY.sub(say, text)
