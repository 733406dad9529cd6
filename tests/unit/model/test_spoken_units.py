"""Quantities in speech."""

from __future__ import annotations

import pytest

from twilio_binding.model.sentences.catalogue import catalogue
from twilio_binding.model.sentences.spoken_units import aloud, with_spoken_units


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("Boiler at 66 °C, 40%", "en", "Boiler at 66 degrees Celsius, 40 percent"),
        ("Freezer: -11.5 °C.", "de", "Freezer: -11,5 Grad Celsius."),
        ("-11,5 °C", "fr", "-11,5 degrés Celsius"),
        ("openHAB has been down for 1 min.", "en", "openHAB has been down for 1 minute."),
        ("seit 2 h 10 min", "de", "seit 2 Stunden 10 Minuten"),
        ("desde hace 45 s", "es", "desde hace 45 segundos"),
        ("vento a 80 km/h", "it", "vento a 80 chilometri orari"),
        ("1500 W", "nl", "1500 watt"),
        ("3 m\u00a0", "en", "3 meters\u00a0"),
    ],
)
def test_quantities(text: str, language: str, said: str) -> None:
    """In the words and with the decimal mark of the language."""
    assert with_spoken_units(text, language) == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Room 12 is open",
        "call 112",
        "2026-11-28 at 10:15 h",
        "1 message",
        "A1 s",
        "2 s/h",
        "+1 555 1234567",
        "5 s2",
        "1,500 W",
        "CO 1.200 ppm",
    ],
)
def test_what_is_no_quantity(text: str) -> None:
    """It is said as written."""
    assert with_spoken_units(text, "en") == text


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("Lamp 6 is unknown.", "en", "Lamp 6 is unknown."),
        ("Living room is -3.55 °C.", "en", "Living room is minus 3 point 5 5 degrees."),
        ("Wohnzimmer: -3,55 °C.", "de", "Wohnzimmer: minus 3,55 Grad."),
        ("Power is 1.50 kW.", "en", "Power is 1 point 5 kilowatts."),
        ("Strom: 1,50 kW.", "de", "Strom: 1,5 Kilowatt."),
        ("Vent : 80 km/h.", "fr", "Vent : 80 kilomètres par heure."),
        ("Alarm clock is 11/29/26, 6:45 AM.", "en", "Alarm clock is 11/29/26, 6:45 AM."),
        ("Next visit is 12.11.2026 07:15.", "en", "Next visit is 12.11.2026 07:15."),
        ("Room A-1 is v1.2.3.", "en", "Room A-1 is v1.2.3."),
        ("Humidity is 47.5 %, 21 °C.", "en", "Humidity is 47 point 5 percent, 21 degrees."),
    ],
)
def test_what_calls_say(text: str, language: str, said: str) -> None:
    """A phone menu says numbers and units in words, and changes nothing else: no blank goes, no date and no name."""
    assert aloud(text, catalogue(language)) == said
