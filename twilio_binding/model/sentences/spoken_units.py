"""Quantities in a text for speech: `66 °C` becomes 66 degrees Celsius, `5 min` becomes 5 minutes."""

from __future__ import annotations

import re
from collections.abc import Collection

from babel.units import UnknownUnitError, format_unit

from twilio_binding.model.sentences.catalogue import Catalogue
from twilio_binding.model.sentences.states import spoken
from twilio_binding.model.sentences.tokens import GROUPED, plain

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
_SHORT = ("°C", "°F", "%")
"""Units that people say in fewer words: 21 degrees."""
_QUANTITY = re.compile(
    r"(?<![\w.,:/-])(-?\d{1,9}(?:[.,]\d{1,6})?)[ \u00a0]?("
    + "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))
    + r")(?![\w/°%])"
)
"""A number with its unit, not part of a longer word or number."""


def with_spoken_units(text: str, language: str, *, but: Collection[str] = ()) -> str:
    """The text with its units as words of a language, `but` for some; everything else stays as it is."""

    def say(found: re.Match[str]) -> str:
        if found[2] in but or GROUPED.fullmatch(found[1]):  # whether 1,500 W is a fraction, only its writer knows
            return found[0]
        number = float(found[1].replace(",", "."))
        # Some voices say a thousands separator as a point, so there is none.
        try:
            digits = format_unit(number, _UNITS[found[2]], length="long", format="0.######", locale=language)
        except UnknownUnitError:  # older versions of Babel know fewer units; an alarm must not fail because of that
            return found[0]
        return plain(digits)

    return _QUANTITY.sub(say, text)


def aloud(text: str, catalogue: Catalogue) -> str:
    """A text for speech: numbers with their decimal point, all units as words, in those of the catalogue where it has them."""
    return spoken(with_spoken_units(text, catalogue.language, but=_SHORT), catalogue)
