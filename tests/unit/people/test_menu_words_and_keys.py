"""Keys on the pages of the phone menu that ask for digits, and words that name no item."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.unit.people.desk import Desk
from tests.unit.people.house import house
from twilio_binding.model.pins import Pin
from twilio_binding.openhab.registries import reachable


def step_of(page: str) -> str:
    """The step that follows the keys of a page."""
    (found,) = re.findall(r"menu=items\.([^\"]+)", page)
    return unquote(found)


def said_in(page: str) -> str:
    """What a page says while it waits for keys."""
    (found,) = re.findall(r"<Gather[^>]*><Say[^>]*>([^<]+)", page)
    return str(found)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A lamp, a dimmer, and a garage with a PIN, all in the menu. Changes of items count at once."""
    monkeypatch.setattr(reachable, "_COSTLY", 0.0)
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
    """It restores nothing before key 1; a question changes nothing, so STATUS is answered."""
    desk.press("", "", said="lamp on")
    assert "Lamp is on." in desk.press("menu.top.0.--------", "", said="status", sure=0.2)
    asked = desk.press("menu.top.0.--------", "", said="undo", sure=0.0)
    assert "To undo the last command, press 1." in asked and step_of(asked) == "undo"
    assert "Nothing was done." in desk.press("undo", "2") and "Nothing was done." in desk.press("undo", "")
    assert desk.home.commands == [("Lamp", "ON")]
    assert "Lamp is off." in desk.press("undo", "1")
    assert desk.home.commands == [("Lamp", "ON"), ("Lamp", "OFF")]


def test_a_state_is_said_once(desk: Desk) -> None:
    """After a command, its item comes first in the menu, with the state that the command had."""
    desk.home.entries[2]["metadata"]["twilio"]["config"]["pin"] = False
    assert said_in(desk.press(step_of(desk.press("", "")), "3")).startswith(
        "Garage is on. To switch it off, press 3. Lamp is off. To switch it on, press 1."
    )


def test_two_items_with_the_same_name(desk: Desk) -> None:
    """Both are announced, also after a command: no key acts without having been said."""
    desk.home.entries[2]["metadata"]["twilio"] = {"value": "lamp", "config": {"key": 3}}
    desk.press(step_of(desk.press("", "")), "1")
    said = said_in(desk.press(step_of(desk.press("", "")), "3"))
    assert said.count("To switch it off, press 1.") == said.count("To switch it off, press 3.") == 1


def test_states_are_offered_as_actions(desk: Desk) -> None:
    """A door is opened, closed, locked and unlocked; other words of an item are said as they are."""
    for states, offered in (
        ("ON=open,OFF=closed", "Lamp is closed. To open it, press 1."),
        ("ON=shut,OFF=open", "Lamp is open. To close it, press 1."),
        ("ON=unlocked,OFF=locked", "Lamp is locked. To unlock it, press 1."),
        ("ON=locked,OFF=unlocked", "Lamp is unlocked. To lock it, press 1."),
        ("ON=armed,OFF=disarmed", "Lamp is disarmed. For armed, press 1."),
    ):
        desk.home.entries[0]["metadata"]["twilio"]["config"]["states"] = states
        assert offered in desk.press("", ""), states


@pytest.mark.parametrize("key", ["1", "2"])
def test_items_that_change_during_a_call(desk: Desk, key: str) -> None:
    """A key never means another item than the one that was announced: the menu is said again."""
    step = step_of(desk.press("", ""))
    desk.home.entries[0]["metadata"]["twilio"]["config"]["key"] = 3
    desk.home.entries[2]["metadata"]["twilio"]["config"] = {"key": 1}
    assert "Garage is off. To switch it on, press 1." in desk.press(step, key)
    assert desk.home.commands == []


def test_a_group_that_is_removed_during_a_call(desk: Desk) -> None:
    """Its page leads to the top, which says what there is."""
    assert "Lamp is off. To switch it on, press 1." in desk.press("menu.Attic.0.--------.00000000", "#")


def test_no_digits_are_no_pin(desk: Desk) -> None:
    """Only the hash key where a PIN is asked for is no wrong one: it is asked for again."""
    for _ in range(4):
        assert "Enter your PIN" in desk.press("pin.Garage.1.ON", "")
    assert "Garage is on." in desk.press("pin.Garage.1.ON", "4711")


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
