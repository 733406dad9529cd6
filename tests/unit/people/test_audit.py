"""What is recorded of commands: each one, with who, how, what and the outcome, also where nothing was done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.unit.people.desk import Desk
from tests.unit.people.house import house
from twilio_binding.model.pins import Pin


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A lamp, a garage with a PIN, and a gate that needs a call back; Ada has no PIN."""
    with house(tmp_path, Lamp="OFF", Garage="OFF", Gate="OFF") as home:
        home.entries[1]["metadata"] = {"twilio": {"value": "garage", "config": {"pin": True}}}
        home.entries[2]["metadata"] = {"twilio": {"value": "gate", "config": {"callback": True}}}
        yield Desk(home)


def test_done_refused_and_undone(desk: Desk, announced: Announced) -> None:
    """The outcome is that of openHAB."""
    announced("items.refused")
    desk.command("Lamp")
    desk.home.use.undo(desk.home.user)
    desk.home.refuses["Lamp"] = 400
    desk.command("Lamp")
    assert desk.audit() == [
        ("text", "Lamp", "ON", "done"),
        ("text", "Lamp", "OFF", "undone"),
        ("text", "Lamp", "ON", "refused"),
    ]


def test_what_may_not_be_done(desk: Desk) -> None:
    """Without the right, without a PIN, and without a proven number."""
    contact = replace(desk.home.user.contact, rights=frozenset({"read"}))
    desk.command("Lamp", user=replace(desk.home.user, contact=contact))
    desk.command("Garage")
    desk.command("Gate")
    assert desk.audit() == [
        ("text", "Lamp", "ON", "no_right"),
        ("text", "Garage", "ON", "no_pin"),
        ("text", "Gate", "ON", "called_back"),
    ]
    assert desk.home.commands == []


def test_pins(desk: Desk) -> None:
    """Wrong ones, the lock, and the right one; no PIN is recorded."""
    user = replace(desk.home.user, contact=replace(desk.home.user.contact, pin=Pin.read("4711")))
    desk.command("Garage", pin="4711", user=user)
    for pin in ("1111", "2222", "3333", "4711"):
        desk.command("Garage", pin=pin, user=user)
    assert [(command, result) for _, _, command, result in desk.audit()] == [
        ("", "right_pin"), ("ON", "done"), ("", "wrong_pin"), ("", "wrong_pin"), ("", "wrong_pin"), ("ON", "locked"),
    ]  # fmt: skip
    assert desk.home.commands == [("Garage", "ON")]


def test_what_is_asked_and_declined(desk: Desk) -> None:
    """A PIN that never comes, a confirmation answered NO, a doubt: each attempt is recorded, also where nothing was done."""
    user = replace(desk.home.user, contact=replace(desk.home.user.contact, pin=Pin.read("4711")))
    desk.home.entries[2]["metadata"] = {"twilio": {"value": "gate", "config": {"confirm": True}}}
    desk.home.items.reachable(fresh=True)
    assert desk.text("garage on", user) == "Your PIN is needed. Reply with your PIN."
    assert desk.text("gate on", user) == "Gate: on? Reply YES."
    assert desk.text("no", user) == "Nothing was done."
    assert desk.text("gatee on", user).startswith("Did you mean 1 Gate on?")
    assert desk.text("no", user) == "Nothing was done."
    assert desk.audit() == [
        ("text", "Garage", "ON", "asked_pin"),
        ("text", "Gate", "ON", "asked_confirmation"),
        ("text", "Gate", "ON", "declined"),
        ("text", "Gate", "ON", "asked_which"),
        ("text", "Gate", "ON", "declined"),
    ]
    assert desk.home.commands == []


def test_the_same_by_phone(desk: Desk) -> None:
    """Keys and words are checked and recorded like texts."""
    user = replace(desk.home.user, contact=replace(desk.home.user.contact, pin=Pin.read("4711")))
    reader = replace(desk.home.user, contact=replace(desk.home.user.contact, rights=frozenset({"read"})))
    desk.home.entries[2]["metadata"] = {"twilio": {"value": "gate", "config": {"confirm": True}}}
    desk.home.items.reachable(fresh=True)
    assert "press the hash key" in desk.press("item.Garage", "1", user)
    assert "The PIN is wrong." in desk.press("pin.Garage.1.ON", "1111", user)
    assert "Garage is on." in desk.press("pin.Garage.2.ON", "4711", user)
    assert "To confirm, press 1." in desk.press("item.Gate", "1", user)
    assert "Nothing was done." in desk.press("ok.Gate.ON", "2", user)
    assert "Gate is on." in desk.press("ok.Gate.ON", "1", user)
    assert "Nothing was done." in desk.press("ok.Gate.ON", "", user)  # no key: nothing was declined
    assert "accepts no commands" in desk.press("do.Lamp.ON", "1", reader)
    assert "Nothing was changed." in desk.press("", "", user, said="lamp on in ten minutes")
    assert "Lamp accepts" in desk.press("", "", user, said="lamp 50")
    desk.press("", "", reader, said="lamp on in ten minutes")
    desk.press("", "", reader, said="lamp 50")
    assert desk.audit() == [
        ("call", "Garage", "ON", "asked_pin"),
        ("call", "Garage", "", "wrong_pin"),
        ("call", "Garage", "", "right_pin"),
        ("call", "Garage", "ON", "done"),
        ("call", "Gate", "ON", "asked_confirmation"),
        ("call", "Gate", "ON", "declined"),
        ("call", "Gate", "ON", "done"),
        ("call", "Lamp", "ON", "no_right"),
        ("speech", "Lamp", "", "timed"),
        ("speech", "Lamp", "", "not_taken"),
        ("speech", "Lamp", "", "no_right"),
        ("speech", "Lamp", "", "no_right"),
    ]
    assert desk.home.commands == [("Garage", "ON"), ("Gate", "ON")]


def test_what_is_not_taken(desk: Desk) -> None:
    """A value that the item does not accept, and a command for later; a question, and its refusal, are none."""
    reader = replace(desk.home.user, contact=replace(desk.home.user.contact, rights=frozenset({"read"})))
    desk.text("lamp 50")
    desk.text("lamp on at six")
    desk.text("lamp on at six", reader)
    desk.text("lamp?")
    desk.text("no")
    assert desk.audit() == [
        ("text", "Lamp", "", "not_taken"),
        ("text", "Lamp", "", "timed"),
        ("text", "Lamp", "", "no_right"),
    ]
    assert desk.home.commands == []


@pytest.mark.parametrize(("seconds", "result"), [(10, "done"), (7200, "expired")])
def test_later(desk: Desk, seconds: float, result: str) -> None:
    """What waited for openHAB, and what became of it."""
    desk.command("Lamp", "OFF")
    desk.home.is_down = True
    desk.command("Lamp", "ON")
    desk.steps.later(desk.home.user, desk.home.book.waiting()[0].number)
    desk.home.is_down = False
    desk.home.now += seconds
    desk.back.look()
    assert desk.audit()[1:] == [("text", "Lamp", "ON", "down"), ("text", "Lamp", "ON", result)]
    assert (("Lamp", "ON") in desk.home.commands) == (result == "done")
