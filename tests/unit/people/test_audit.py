"""What is recorded of commands: each one, with who, how, what and the outcome, also where nothing was done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.unit.people.house import House, house
from twilio_binding.model.pins import Pin
from twilio_binding.model.sentences.reading import ItemCommand
from twilio_binding.people.asked_back import AskedBack
from twilio_binding.people.call_back import CallBack
from twilio_binding.people.command_steps import CommandSteps
from twilio_binding.people.item_use import ItemUser
from twilio_binding.people.pin_guard import PinGuard
from twilio_binding.people.when_back import WhenBack


class _Desk:
    """Ada commands items, one after the other."""

    def __init__(self, home: House) -> None:
        self.home = home
        back = WhenBack(home.use, home.book, user_of=lambda _: home.user, send=lambda *_: None, clock=lambda: home.now)
        self.back = back
        pins = PinGuard(home.book, lambda _: None)
        asked = AskedBack(home.asked)
        self.steps = CommandSteps(home.use, pins, back, asked, CallBack(lambda _: None))

    def command(self, item: str, value: str = "ON", *, pin: str = "", user: ItemUser | None = None) -> str:
        """What Ada is answered."""
        found = self.home.use.reachable(self.home.user.contact).by_name[item]
        return self.steps.command(user or self.home.user, ItemCommand(item=found, value=value, pin=pin))

    def audit(self) -> list[tuple[str, str, str, str]]:
        """How, what and the outcome, oldest first; all are Ada's."""
        entries = self.home.book.newest(100)
        assert {entry.contact for entry in entries} <= {str(self.home.user.contact.uid)}
        return [(one.way, one.item, one.command, one.result) for one in reversed(entries)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[_Desk]:
    """A lamp, a garage with a PIN, and a gate that needs a call back; Ada has no PIN."""
    with house(tmp_path, Lamp="OFF", Garage="OFF", Gate="OFF") as home:
        home.entries[1]["metadata"] = {"twilio": {"value": "garage", "config": {"pin": True}}}
        home.entries[2]["metadata"] = {"twilio": {"value": "gate", "config": {"callback": True}}}
        yield _Desk(home)


def test_done_refused_and_undone(desk: _Desk, announced: Announced) -> None:
    """The outcome is that of openHAB."""
    announced("items.refused")
    desk.command("Lamp")
    desk.steps.undo(desk.home.user)
    desk.home.refuses["Lamp"] = 400
    desk.command("Lamp")
    assert desk.audit() == [
        ("text", "Lamp", "ON", "done"),
        ("text", "Lamp", "OFF", "undone"),
        ("text", "Lamp", "ON", "refused"),
    ]


def test_what_may_not_be_done(desk: _Desk) -> None:
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


def test_pins(desk: _Desk) -> None:
    """Wrong ones, the lock, and the right one; no PIN is recorded."""
    user = replace(desk.home.user, contact=replace(desk.home.user.contact, pin=Pin.read("4711")))
    desk.command("Garage", pin="4711", user=user)
    for pin in ("1111", "2222", "3333", "4711"):
        desk.command("Garage", pin=pin, user=user)
    assert [(command, result) for _, _, command, result in desk.audit()] == [
        ("", "right_pin"), ("ON", "done"), ("", "wrong_pin"), ("", "wrong_pin"), ("", "wrong_pin"), ("ON", "locked"),
    ]  # fmt: skip
    assert desk.home.commands == [("Garage", "ON")]


@pytest.mark.parametrize(("seconds", "result"), [(10, "done"), (7200, "expired")])
def test_later(desk: _Desk, seconds: float, result: str) -> None:
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
