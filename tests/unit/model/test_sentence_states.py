"""States as text, and the effect of commands: with items listed and changed by a running openHAB."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from twilio_binding.model.sentences.catalogue import catalogue
from twilio_binding.model.sentences.items import ReachableItem, ReachableItems, read_items
from twilio_binding.model.sentences.reading import ItemCommand, Reader
from twilio_binding.model.sentences.states import ItemState, can_follow, has_effect, shown
from twilio_binding.model.sentences.vocabulary import vocabulary


def an_item(kind: str, pattern: str = "") -> ReachableItem:
    """An item as openHAB lists it with `staticDataOnly`: without its internal unit."""
    entry = {"name": "Thing", "label": "Thing", "type": kind, "metadata": {"twilio": {"value": "thing"}}}
    more = {"stateDescription": {"pattern": pattern}} if pattern else {}
    return read_items([entry | more]).by_name["Thing"]


@pytest.mark.parametrize(
    ("state", "pattern", "told"),
    [
        ("1234567 Wh", "%.2f kWh", "1234.57 kWh"),
        ("1234567 Wh", "%.0f %unit%", "1234567 Wh"),
        ("1234567 Wh", "", "1234567 Wh"),
        ("20 °C", "%.0f °F", "68 °F"),
        ("-40 °F", "%.1f °C", "-40.0 °C"),
        ("300 K", "%.2f °C", "26.85 °C"),
        ("10 m/s", "%.0f km/h", "36 km/h"),
        ("1500 mm", "%.1f m", "1.5 m"),
        ("90 min", "%.1f h", "1.5 h"),
        ("0.5 MW", "%d kW", "500 kW"),
        ("1013 hPa", "%.3f bar", "1.013 bar"),
        ("21.5 °C", "%.1f °", "21.5 °C"),
        ("5 l/min", "%.1f m³/h", "5.0 l/min"),
        ("55", "%d %%", "55 %"),
        ("55 %", "%d %%", "55 %"),
        ("21.5", "%.1f °C", "21.5 °C"),
        ("192.168.1.1", "%.1f °C", "192.168.1.1"),
    ],
)
def test_numbers_are_told_in_the_unit_of_their_pattern(state: str, pattern: str, told: str) -> None:
    """A number never has the unit of another; if the units cannot be converted, its own is shown."""
    assert shown(an_item("Number:Energy", pattern), ItemState(value=state), catalogue("en")) == told


@pytest.mark.parametrize(
    ("pattern", "language", "told"),
    [
        ("%1$tH:%1$tM", "en", "07:15"),
        ("%1$td.%1$tm.%1$tY %1$tR", "de", "29.11.2026 07:15"),
        ("%1$tA, %1$te. %1$tB", "de", "Sonntag, 29. November"),
        ("at %1$tl:%1$tM %1$tp", "en", "at 7:15 AM"),
        ("%1$tY-%1$tm-%1$td %1$tH:%1$tM:%1$tS", "de", "29.11.26, 07:15"),
        ("", "de", "29.11.26, 07:15"),
        ("%1$ts", "de", "29.11.26, 07:15"),
        ("%s", "de", "29.11.26, 07:15"),
    ],
)
def test_moments_are_told_as_their_pattern_says(pattern: str, language: str, told: str) -> None:
    """OpenHAB gives each DateTime without a pattern a default pattern, which is not used."""
    state = ItemState(value="2026-11-29T07:15:00.000+0000")
    assert shown(an_item("DateTime", pattern), state, catalogue(language)) == told


@pytest.mark.parametrize(
    ("pattern", "sentence", "value"),
    [
        ("%.0f °F", "thing 70", "70 °F"),
        ("%.0f °F", "thing 70 degrees", "70 °F"),
        ("%.0f °F", "thing 21 °C", "21 °C"),
        ("%.1f °", "thing 21", "21"),
        ("%.1f %unit%", "thing 21", "21"),
        ("", "thing 21", "21"),
    ],
)
def test_number_without_a_unit_is_in_the_unit_that_is_shown(pattern: str, sentence: str, value: str) -> None:
    """After "68 °F", 70 means °F, not the item's internal °C."""
    item = an_item("Number:Temperature", pattern)
    reading = Reader(ReachableItems(by_name={item.name: item}), vocabulary("en")).read(sentence, datetime.now(UTC))
    assert isinstance(reading, ItemCommand) and reading.value == value


@pytest.mark.parametrize(
    ("kind", "sentence", "value"),
    [
        ("Number:Power", "thing 500 W", "500 W"),
        ("Number:Power", "thing 2kW please", "2 kW"),
        ("Number:Time", "set thing to 5 min", "5 min"),
        ("Number:Illuminance", "thing 100 lx", "100 lx"),
        ("Number:Temperature", "thing 294 K", "294 K"),
        ("Number:Power", "thing 500 lx", None),
        ("Number", "thing 500 W", None),
    ],
)
def test_number_with_its_unit(kind: str, sentence: str, value: str | None) -> None:
    """A unit after a number is accepted if the item measures in it; another one is not ignored."""
    item = an_item(kind)
    reading = Reader(ReachableItems(by_name={item.name: item}), vocabulary("en")).read(sentence, datetime.now(UTC))
    assert (reading.value if isinstance(reading, ItemCommand) else None) == value


def test_limits_are_in_the_unit_that_is_shown() -> None:
    """70 °F is within 5 to 30 °C, 31 °C is not."""
    entry = {"name": "T", "label": "Thing", "type": "Number:Temperature", "metadata": {"twilio": {"value": ""}}}
    described = {"stateDescription": {"pattern": "%.1f °C", "minimum": 5, "maximum": 30}}
    reader = Reader(read_items([entry | described]), vocabulary("en"))
    now = datetime.now(UTC)
    assert isinstance(reader.read("thing 70 °F", now), ItemCommand)
    assert not isinstance(reader.read("thing 31 °C", now), ItemCommand)


@pytest.mark.parametrize(
    ("state", "told"), [("0,0,30", "white, 30 %"), ("0,0,100", "white"), ("17,80,40", "40 %"), ("0,0,0", "off")]
)
def test_colors(state: str, told: str) -> None:
    """A color that is not bright has its brightness."""
    assert shown(an_item("Color"), ItemState(value=state), catalogue("en")) == told


@pytest.mark.parametrize(
    ("kind", "command", "follows"),
    [
        ("Switch", "ON", True),
        ("Contact", "ON", False),
        ("Group", "ON", False),
        ("Number", "OFF", False),
        ("Rollershutter", "50", True),
        ("Switch", "50", False),
        ("Dimmer", "UP", False),
        ("Player", "PLAY", False),
        ("String", "anything", True),
    ],
)
def test_members_that_follow(kind: str, command: str, *, follows: bool) -> None:
    """In a group, only members that accept the command are awaited."""
    assert can_follow(kind, command) is follows


@pytest.mark.parametrize(
    ("kind", "command", "before", "state", "came"),
    [
        ("Dimmer", "INCREASE", "40", "40", False),
        ("Dimmer", "INCREASE", "40", "50", True),
        ("Dimmer", "DECREASE", "40", "30", True),
        ("Dimmer", "DECREASE", "40", "50", False),
        ("Color", "INCREASE", "0,100,40", "0,100,50", True),
        ("Dimmer", "INCREASE", "NULL", "10", True),
        ("Dimmer", "INCREASE", "40", "NULL", False),
        ("Number", "70 °F", "20 °C", "21.1111 °C", True),
        ("Number", "70 °F", "20 °C", "70 °C", False),
        ("Number", "21 °C", "20 °C", "21 °C", True),
        ("Number", "21", "20 °C", "21 °C", True),
        ("Rollershutter", "STOP", "40", "40", True),
    ],
)
def test_effect_of_a_command(kind: str, command: str, before: str, state: str, *, came: bool) -> None:
    """A lamp that stays as it was has not become brighter, and 70 °F are 21.1 °C."""
    assert has_effect(kind, command, before, state) is came


@pytest.mark.parametrize(
    ("state", "unit", "pattern", "told"),
    [
        ("0.47", "one", "%d %%", "47 %"),
        ("0.475", "one", "%.1f%%", "47.5%"),
        ("47 %", "%", "%d %%", "47 %"),
        ("0.47", "one", "%.2f", "0.47"),
        ("0.47", "one", "", "0.47"),
        ("47", "", "%d %%", "47 %"),
    ],
)
def test_shares_are_told_as_openhab_shows_them(state: str, unit: str, pattern: str, told: str) -> None:
    """OpenHAB keeps a percentage without unit as a share of one, and shows it as a percentage where the pattern says so."""
    item = an_item("Number:Dimensionless", pattern)
    assert shown(item, ItemState(value=state, unit=unit), catalogue("en")) == told


@pytest.mark.parametrize(("state", "reached"), [("0.47", True), ("47 %", True), ("47", False), ("0.5", False)])
def test_effect_on_a_share(state: str, *, reached: bool) -> None:
    """A command in percent has its effect in either form of the state."""
    assert has_effect("Number", "47 %", "0.1", state) is reached
