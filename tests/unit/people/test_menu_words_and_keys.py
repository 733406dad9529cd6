"""Keys on the pages of the phone menu that ask for digits, and words that name no item."""

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
    """A lamp, a dimmer, and a garage with a PIN, all in the menu."""
    with house(tmp_path, Lamp="OFF", Volume="40", Garage="OFF") as home:
        home.entries[1]["type"] = "Dimmer"
        for key, entry in enumerate(home.entries, 1):
            config = {"key": key, "pin": entry["name"] == "Garage"}
            entry["metadata"] = {"twilio": {"value": str(entry["name"]).lower(), "config": config}}
        contact = replace(home.user.contact, pin=Pin.read("4711"))
        home.user = replace(home.user, contact=contact)
        yield Desk(home)


def test_star_leads_back_where_digits_are_asked_for(desk: Desk) -> None:
    """From the PIN to the menu, and it is no wrong PIN; from a value to the page of the item."""
    assert "Nothing was done. Lamp is off." in desk.press("pin.Garage.1.ON", "*")
    assert "For on, press 1." in desk.press("value.Volume", "*")
    assert desk.audit() == [] and desk.home.commands == []


def test_words_without_an_item(desk: Desk) -> None:
    """LIST, HELP and UNDO can be said, too."""
    for word in ("list", "help"):
        assert "You can use: Lamp, Volume, Garage. Lamp is off." in desk.press("menu.top.0.--------", "", said=word)
    assert "There is nothing to undo." in desk.press("menu.top.0.--------", "", said="undo")
    desk.press("", "", said="lamp on")
    assert "Lamp is off." in desk.press("menu.top.0.--------", "", said="undo")
    reader = replace(desk.home.user, contact=replace(desk.home.user.contact, rights=frozenset({"read"})))
    assert "You may only read states" in desk.press("menu.top.0.--------", "", reader, said="undo")
    assert desk.home.commands == [("Lamp", "ON"), ("Lamp", "OFF")]


def test_undo_that_is_hardly_heard(desk: Desk) -> None:
    """It restores nothing; a question changes nothing, so STATUS is answered."""
    desk.press("", "", said="lamp on")
    assert "I did not understand that." in desk.press("menu.top.0.--------", "", said="undo", sure=0.2)
    assert "Lamp is on." in desk.press("menu.top.0.--------", "", said="status", sure=0.2)
    assert desk.home.commands == [("Lamp", "ON")]


def test_groups_are_in_the_order_of_their_numbers(desk: Desk) -> None:
    """Room 2 comes before room 10, and upper case does not matter."""
    for number, title in enumerate(("Room 10", "room 2", "Attic"), 1):
        group = {"name": f"g{number}", "type": "Group", "label": title, "groupNames": [], "metadata": {}}
        desk.home.entries.append(group)
        desk.home.states[f"g{number}"] = "NULL"
        for entry in desk.home.entries[number - 1 : number]:
            entry["groupNames"] = [f"g{number}"]
            entry["metadata"] = {"twilio": {"value": str(entry["name"]), "config": {"key": 1}}}
    desk.home.items.reachable(fresh=True)
    assert "For Attic, press 1. For room 2, press 2. For Room 10, press 3." in desk.press("", "")
