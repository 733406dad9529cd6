"""Commands by a difference, such as "10 % brighter": they change the current value, with all checks of other commands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.people.desk import Desk
from tests.unit.people.house import house
from twilio_binding.model.pins import Pin


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Dimmers, a color, a shutter, and numbers with and without limits, a confirmation and a PIN."""
    states = {"Lamp": "50", "Strip": "30,100,40", "Blind": "50", "Heating": "21.5 °C", "Pool": "20 °C", "Safe": "18 °C"}
    with house(tmp_path, **states, Humidity="0.5", Level="7", Fresh="NULL", Cellar="8 °C") as home:
        kinds = (
            "Dimmer",
            "Color",
            "Rollershutter",
            *["Number:Temperature"] * 3,
            "Number:Dimensionless",
            "Number",
            "Dimmer",
            "Number:Temperature",
        )
        for entry, kind in zip(home.entries, kinds, strict=True):
            entry["type"] = kind
        home.entries[3]["stateDescription"] = {"pattern": "%.1f °C", "minimum": 5, "maximum": 25}
        home.entries[4]["stateDescription"] = {"pattern": "%.1f °C"}
        home.entries[4]["metadata"] = {"twilio": {"value": "pool", "config": {"confirm": True}}}
        home.entries[5]["metadata"] = {"twilio": {"value": "safe", "config": {"pin": True}}}
        home.entries[9]["stateDescription"] = {"pattern": "%.1f °C"}
        home.entries[6]["stateDescription"] = {"pattern": "%d %%"}
        home.entries[6]["unitSymbol"] = "one"
        yield Desk(home)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("lamp 10 percent brighter", ("Lamp", "60")),
        ("lamp up 10", ("Lamp", "60")),
        ("lamp down 20", ("Lamp", "30")),
        ("dim the lamp by 20 %", ("Lamp", "30")),
        ("lamp -5%", ("Lamp", "45")),
        ("lamp 80 % brighter", ("Lamp", "100")),
        ("lamp 80 % darker", ("Lamp", "0")),
        ("strip 10 % darker", ("Strip", "30")),
        ("blind down by 10 %", ("Blind", "60")),
        ("blind up by 10 %", ("Blind", "40")),
        ("heating 2 degrees warmer", ("Heating", "23.5 °C")),
        ("heating one degree warmer", ("Heating", "22.5 °C")),
        ("heating +2", ("Heating", "23.5 °C")),
        ("heating + 2", ("Heating", "23.5 °C")),
        ("cellar to -5", ("Cellar", "-5 °C")),
        ("cellar -18", ("Cellar", "-18 °C")),
        ("heating 0.5 degrees colder", ("Heating", "21 °C")),
        ("humidity 5 % more", ("Humidity", "55 %")),
        ("level up 2", ("Level", "9")),
    ],
)
def test_the_current_value_is_changed(desk: Desk, text: str, command: tuple[str, str]) -> None:
    """What goes out, and is recorded, is the new value; a level ends at 0 and 100."""
    desk.text(text)
    assert desk.home.commands == [command]
    assert desk.audit()[-1][1:3] == command


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("fresh 10 % brighter", "The state of Fresh is unknown. Write the new value itself."),
        ("heating 5 degrees warmer", "Heating accepts 5 to 25."),
        ("heating 20 degrees colder", "Heating accepts 5 to 25."),
    ],
)
def test_there_is_no_new_value(desk: Desk, text: str, reply: str) -> None:
    """Without a state, or outside the limits, nothing is sent, and the reply says why."""
    assert desk.text(text) == reply
    assert desk.home.commands == []
    assert desk.audit()[-1][3] == "not_taken"


@pytest.mark.parametrize(
    "text",
    [
        "lamp 2 degrees warmer",
        "heating 10 % warmer",
        "cellar -2",
        "cellar 21 degrees warmer",
        "lamp 10 % brighter at 8",
        "lamp brighter and darker 10",
        "blind down 70",
        "blind 10 % higher",
        "lamp 150 % brighter",
        "lamp not 10 % brighter",
        "lamp 10 % brighter?",
    ],
)
def test_what_is_no_clear_difference(desk: Desk, text: str) -> None:
    """Another unit, a time, two directions, a position or a negation command nothing."""
    desk.text(text)
    assert desk.home.commands == []


def test_undo_and_the_item_before(desk: Desk) -> None:
    """The value before comes back, and a difference without a name means the item of the last command."""
    assert desk.text("lamp 10 % brighter") == "Lamp is 60 %."
    assert desk.text("10 % brighter") == "Lamp is 70 %."
    assert desk.text("undo") == "Lamp is 60 %."


def test_confirmation_and_pin(desk: Desk) -> None:
    """They are asked for as before, with the difference, which is worked out when the answer comes."""
    user = replace(desk.home.user, contact=replace(desk.home.user.contact, pin=Pin.read("4711")))
    assert desk.text("pool 2 degrees warmer", user) == "Pool: +2 °C? Reply YES."
    desk.home.states["Pool"] = "22 °C"
    desk.text("yes", user)
    desk.text("safe 2 degrees colder", user)
    desk.text("my pin is 4711", user)
    assert desk.home.commands == [("Pool", "24 °C"), ("Safe", "16 °C")]


@pytest.mark.parametrize(
    ("language", "brighter", "colder"),
    [
        ("de", "lamp 10 Prozent heller", "heating zwei Grad kälter"),
        ("de", "lamp um 10 % heller", "heating um 2 Grad kälter"),
        ("fr", "lamp 10 pour cent plus clair", "heating 2 degrés de moins"),
        ("fr", "augmente lamp de 10 %", "heating deux degrés plus froid"),
        ("es", "lamp 10 por ciento más", "heating 2 grados menos"),
        ("es", "aumenta lamp un 10 %", "heating dos grados más frío"),
        ("it", "lamp 10 per cento in più", "heating 2 gradi in meno"),
        ("it", "aumenta lamp del 10 %", "heating due gradi più freddo"),
        ("nl", "lamp 10 procent feller", "heating 2 graden kouder"),
        ("nl", "lamp 10 % meer", "heating twee graden minder"),
    ],
)
def test_languages(desk: Desk, language: str, brighter: str, colder: str) -> None:
    """All languages have words for more and less."""
    user = replace(desk.home.user, language=language)
    desk.text(brighter, user)
    desk.text(colder, user)
    assert desk.home.commands == [("Lamp", "60"), ("Heating", "19.5 °C")]
