"""Answers to the questions of the service, as people write them: a PIN, YES, and the number of a choice."""

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
    """A heater that needs a confirmation, a garage with a PIN, and two lamps with almost the same name."""
    with house(tmp_path, Heater="OFF", Garage="OFF", Lamp_A="OFF", Lamp_B="OFF") as home:
        home.entries[0]["metadata"] = {"twilio": {"value": "heater", "config": {"confirm": True}}}
        home.entries[1]["metadata"] = {"twilio": {"value": "garage", "config": {"pin": True}}}
        home.entries[2]["metadata"] = {"twilio": {"value": "red lamp"}}
        home.entries[3]["metadata"] = {"twilio": {"value": "blue lamp"}}
        home.user = replace(home.user, contact=replace(home.user.contact, pin=Pin.read("4711")))
        yield Desk(home)


@pytest.mark.parametrize("answer", ["yes", "Yes 👍", "ok", "👍", "👍🏽", "✅"])
def test_yes(desk: Desk, answer: str) -> None:
    """Also as a sign alone."""
    desk.text("heater on")
    assert desk.text(answer) == "Heater is on."


@pytest.mark.parametrize("answer", ["yes?", "ok 👎", "👎", "yes ❌", "ok 🤔", "❓", "👍?"])
def test_no_clear_yes(desk: Desk, answer: str) -> None:
    """A question or a refusal confirms nothing, whatever else the answer says."""
    desk.text("heater on")
    desk.text(answer)
    assert desk.home.commands == []


@pytest.mark.parametrize("answer", ["4711", "PIN 4711", "my pin is 4711", "It's 4711", "4711 please", "Pin: 4711!"])
def test_pin(desk: Desk, answer: str) -> None:
    """Words that announce it, and polite ones, are no part of it."""
    desk.text("garage on")
    assert desk.text(answer) == "Garage is on."


@pytest.mark.parametrize("answer", ["not 4711", "4711?", "4711 5", "4711 📞 555", "the pin is wrong"])
def test_no_pin(desk: Desk, answer: str) -> None:
    """Something else counts as no PIN, not even as a wrong one, and the question is over."""
    desk.text("garage on")
    desk.text(answer)
    assert desk.home.commands == []
    assert not [entry for entry in desk.audit() if entry[3] == "wrong_pin"]


@pytest.mark.parametrize("answer", ["2", "2 please", "number 2", "the second", "#2"])
def test_choice(desk: Desk, answer: str) -> None:
    """The number may be a word."""
    assert desk.text("lamp on").startswith("Did you mean 1 ")
    desk.text(answer)
    assert [value for _, value in desk.home.commands] == ["ON"]


@pytest.mark.parametrize("answer", ["2?", "not 2", "3", "both", "2 👎", "1 2"])
def test_no_choice(desk: Desk, answer: str) -> None:
    """Nothing is commanded that was not chosen."""
    desk.text("lamp on")
    desk.text(answer)
    assert desk.home.commands == []
