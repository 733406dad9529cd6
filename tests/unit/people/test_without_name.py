"""Texts without a name: they mean the item that the contact has just commanded, or are asked back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.people.desk import Desk
from tests.unit.people.house import house
from twilio_binding.model.alarm_texts import texts_of
from twilio_binding.model.pins import Pin
from twilio_binding.model.sentences.catalogue import LANGUAGES
from twilio_binding.model.uids import ThingUID

WHICH = "What do you mean? Write its name, too. LIST tells the names."
UNCLEAR = "I did not understand that. Text HELP to see what you can write."


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A lamp, a dimmer, a garage with a PIN, a heater that needs a confirmation, and a mode with numbered options."""
    with house(tmp_path, Lamp="OFF", Volume="40", Garage="OFF", Heater="OFF", Mode="2") as home:
        home.entries[1]["type"] = "Dimmer"
        home.entries[2]["metadata"] = {"twilio": {"value": "garage", "config": {"pin": True}}}
        home.entries[3]["metadata"] = {"twilio": {"value": "heater", "config": {"confirm": True}}}
        home.entries[4]["type"] = "Number"
        home.entries[4]["metadata"] = {"twilio": {"value": "mode", "config": {"commands": "1=Low,2=High"}}}
        yield Desk(home)


@pytest.mark.parametrize(
    ("first", "text", "command"),
    [
        ("lamp on", "turn it off again", ("Lamp", "OFF")),
        ("lamp on", "off", ("Lamp", "OFF")),
        ("lamp off", "on", ("Lamp", "ON")),
        ("lamp off", "turn it on please", ("Lamp", "ON")),
        ("lamp off", "turn on", ("Lamp", "ON")),
        ("mode high", "low please", ("Mode", "1")),
        ("mode high", "to 1", ("Mode", "1")),
        ("lamp on", "please switch it off, thanks", ("Lamp", "OFF")),
        ("volume 50", "to 20", ("Volume", "20")),
        ("volume 50", "20 %", ("Volume", "20")),
        ("volume 50", "louder please", ("Volume", "INCREASE")),
        ("volume 50", "a bit quieter", ("Volume", "DECREASE")),
    ],
)
def test_the_item_that_was_just_commanded(desk: Desk, first: str, text: str, command: tuple[str, str]) -> None:
    """The reply says which one it is, and the command is recorded like any other."""
    desk.text(first)
    assert desk.text(text).startswith(command[0])
    assert desk.home.commands[1:] == [command]
    assert desk.audit()[-1][1:3] == command


def test_an_amount_is_no_reply_to_an_alarm(desk: Desk) -> None:
    """The text "2 %" begins like the reply "2", but a unit makes it an amount."""
    desk.text("volume 50")
    assert desk.text("2 % louder") == "Volume is 52 %."
    assert desk.text("2 louder") == UNCLEAR
    assert desk.home.commands == [("Volume", "50"), ("Volume", "52")]


def test_in_german_and_by_speech(desk: Desk) -> None:
    """The same in another language, and for what is said in a call."""
    german = replace(desk.home.user, language="de")
    desk.text("volume 50", german)
    desk.text("leiser bitte", german)
    desk.press("", "", german, said="wieder lauter")
    assert desk.home.commands[1:] == [("Volume", "DECREASE"), ("Volume", "INCREASE")]


@pytest.mark.parametrize(
    "text",
    [
        "20",
        "4711",
        "on at six",
        "off tomorrow",
        "off?",
        "is it off",
        "not off",
        "off in the cellar",
        "on my way",
        "hello",
        "thanks",
        "in 5",
        "on for 20",
        "off in 2",
    ],
)
def test_what_may_mean_something_else(desk: Desk, text: str) -> None:
    """A number alone may be a PIN; times, questions, negations and unknown words are no commands."""
    desk.text("volume 50")
    desk.text(text)
    assert desk.home.commands == [("Volume", "50")]


@pytest.mark.parametrize("text", ["1", "one", "2", "2 please", "thanks, 1"])
def test_numbered_options(desk: Desk, text: str) -> None:
    """A number alone is no option of the item, either: it may answer an alarm or a question."""
    desk.text("mode high")
    desk.text(text)
    assert desk.home.commands == [("Mode", "2")]


@pytest.mark.parametrize("text", ["on it", "On it!", "on it 👎", "on it now", "ok, on it", "hey, on it", "out", "in"])
def test_replies_to_an_alarm_that_has_ended(desk: Desk, text: str) -> None:
    """Somebody who acknowledges an alarm too late switches nothing."""
    desk.text("lamp off")
    desk.text(text)
    assert desk.home.commands == [("Lamp", "OFF")]


def test_no_phrase_of_alarms_commands(desk: Desk) -> None:
    """In no language, as it is written there."""
    for language in LANGUAGES:
        user = replace(desk.home.user, language=language)
        desk.text("lamp off", user)
        for phrase in sorted(texts_of(language).yes):
            desk.text(" ".join(phrase), user)
    assert set(desk.home.commands) == {("Lamp", "OFF")}


@pytest.mark.parametrize("step", ["item.Volume", "do.Volume.50", "ok.Volume.50", "called.Volume.50"])
def test_words_on_the_page_of_an_item(desk: Desk, step: str) -> None:
    """In a call, words without a name mean the item of the page, and not the one of an earlier text."""
    desk.text("lamp on")
    desk.press(step, "", said="off")
    assert desk.home.commands == [("Lamp", "ON"), ("Volume", "OFF")]


@pytest.mark.parametrize("step", ["item.Garage", "ok.Heater.ON", "called.Garage.ON", "pin.Garage.1.ON", "item.Gone"])
def test_words_on_the_page_of_a_guarded_item(desk: Desk, step: str) -> None:
    """There, and where the item is gone, they mean none; at the menu they mean the last one."""
    desk.text("lamp on")
    desk.press(step, "", said="off")
    assert desk.home.commands == [("Lamp", "ON")]
    desk.press("menu.top.0.--------", "", said="off")
    assert desk.home.commands == [("Lamp", "ON"), ("Lamp", "OFF")]


def test_nothing_was_commanded(desk: Desk) -> None:
    """Before the first command, and minutes after the last one, the contact is asked for the name."""
    assert desk.text("brighter please") == WHICH
    assert desk.text("turn it off") == WHICH
    assert desk.text("blah") == UNCLEAR
    desk.text("lamp on")
    desk.home.now += 301
    assert desk.text("turn it off") == WHICH
    assert desk.home.commands == [("Lamp", "ON")]


def test_a_text_of_somebody_else_in_between(desk: Desk) -> None:
    """What follows may be its answer, such as OFF to "Reply ON or OFF": without a name it commands nothing."""
    desk.text("lamp on")
    desk.home.now += 10
    assert not desk.dialogue.begin(desk.home.user, "off", untold=5)[0]
    assert desk.dialogue.begin(desk.home.user, "lamp off", untold=5)[0] == "command"
    assert desk.dialogue.begin(desk.home.user, "off", untold=15)[0] == "command"


def test_guarded_items_need_their_names(desk: Desk) -> None:
    """What needs a PIN or a confirmation is never meant without its name, and no text about it means another item."""
    user = replace(desk.home.user, contact=replace(desk.home.user.contact, pin=Pin.read("4711")))
    desk.text("lamp on", user)
    desk.text("garage on", user)
    assert desk.text("off", user) == WHICH
    desk.text("4711 garage on", user)
    assert desk.text("turn it off again", user) == WHICH
    desk.text("heater on", user)
    desk.text("yes", user)
    assert desk.text("off", user) == WHICH
    assert desk.home.commands == [("Lamp", "ON"), ("Garage", "ON"), ("Heater", "ON")]


def test_each_contact_has_an_own_last_item(desk: Desk) -> None:
    """What one contact commanded is not meant by another, and who may only read, commands nothing."""
    desk.text("lamp on")
    eve = replace(desk.home.user.contact, uid=ThingUID("twilio:contact:a:eve"))
    assert desk.text("off", replace(desk.home.user, contact=eve)) == WHICH
    reader = replace(desk.home.user.contact, rights=frozenset({"read"}))
    assert desk.text("off", replace(desk.home.user, contact=reader)) == UNCLEAR
    assert desk.home.commands == [("Lamp", "ON")]
