"""Which events of linked items are commands to channels."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from twilio_binding.openhab.item_commands import ItemCommands
from twilio_binding.openhab.registries.links import ItemLinks
from twilio_binding.protocol.commands import Command

FIRE = "twilio:alarm:home:fire"


class House:
    """An alarm with a switch of its own, and a panic button that it follows."""

    def __init__(self, *, has_script: bool, is_prepared: bool) -> None:
        links, self.told, self.is_prepared = ItemLinks(), list[str](), is_prepared
        for name, profile in (("Panic", {"profile": "follow"}), ("Fire", {})):
            link = {"itemName": name, "channelUID": f"{FIRE}:active", "configuration": profile}
            links.follow(f"openhab/links/{name}-{FIRE}:active/added", json.dumps(link))
        self.commands = ItemCommands(links, has_profiles=lambda: has_script, is_prepared=lambda: self.is_prepared)
        self.commands.take = self._take
        self.meanwhile: Callable[[], None] = lambda: None

    def _take(self, command: Command) -> None:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        self.told.append(command.value)

    def happens(self, item: str, what: str, value: str) -> None:
        """An event of openHAB."""
        self.commands.follow(f"openhab/items/{item}/{what}", json.dumps({"type": "OnOff", "value": value}))


@pytest.mark.parametrize(
    ("item", "what", "has_script", "is_prepared", "told"),
    [
        ("Panic", "stateupdated", False, True, ["OFF"]),
        ("Panic/Panic_Hall", "stateupdated", False, True, ["OFF"]),
        ("Panic", "stateupdated", False, False, []),
        ("Panic", "stateupdated", True, True, []),
        ("Panic", "command", False, True, []),
        ("Fire", "command", False, True, ["OFF"]),
        ("Fire", "command", False, False, ["OFF"]),
        ("Fire", "command", True, True, ["OFF"]),
        ("Fire", "stateupdated", False, True, []),
    ],
)
def test_commands_of_items(item: str, what: str, told: list[str], *, has_script: bool, is_prepared: bool) -> None:
    """Commands always count; states of followed items, also of groups with the name of a member, count when openHAB is prepared."""
    house = House(has_script=has_script, is_prepared=is_prepared)
    house.happens(item, what, "OFF")
    assert house.told == told


@pytest.mark.parametrize(("has_started", "told"), [(True, []), (False, ["ON", "OFF"])])
def test_states_that_came_before(told: list[str], *, has_started: bool) -> None:
    """States that openHAB restores at its start are not commands; after a mere break of the stream, states are."""
    house = House(has_script=False, is_prepared=False)
    house.happens("Panic", "stateupdated", "ON")
    house.happens("Panic", "stateupdated", "OFF")
    house.is_prepared = True
    house.commands.settle(has_started=has_started)
    house.commands.settle(has_started=False)
    assert house.told == told
    house.happens("Panic", "stateupdated", "ON")
    assert house.told == [*told, "ON"]


def test_states_that_come_while_others_are_held() -> None:
    """A state that arrives when openHAB is prepared follows those that were held, also after a start of openHAB."""
    house = House(has_script=False, is_prepared=False)
    house.happens("Panic", "stateupdated", "ON")
    house.is_prepared = True
    house.happens("Panic", "stateupdated", "OFF")
    assert house.told == []
    house.commands.settle(has_started=False)
    assert house.told == ["ON", "OFF"]
    house.is_prepared = False
    house.happens("Panic", "stateupdated", "ON")
    house.is_prepared = True
    house.happens("Panic", "stateupdated", "OFF")
    house.commands.settle(has_started=True)
    assert house.told == ["ON", "OFF", "OFF"]


def test_a_state_that_comes_while_a_held_one_is_followed() -> None:
    """It waits until that one is handled."""
    house = House(has_script=False, is_prepared=False)
    house.happens("Panic", "stateupdated", "ON")
    house.is_prepared = True
    later = threading.Thread(target=house.happens, args=("Panic", "stateupdated", "OFF"))
    house.meanwhile = later.start
    house.commands.settle(has_started=False)
    later.join(30)
    assert house.told == ["ON", "OFF"]


def test_a_failure_of_one_state() -> None:
    """It is logged with its thing and channel; the states behind it are followed."""
    house = House(has_script=False, is_prepared=False)
    house.happens("Panic", "stateupdated", "ON")
    house.happens("Panic", "stateupdated", "OFF")
    house.is_prepared = True
    house.meanwhile = lambda: next(iter([]))
    with capture_logs() as logs:
        house.commands.settle(has_started=False)
    assert house.told == ["OFF"]
    assert [(log["event"], log["thing"], log["channel"]) for log in logs] == [("command.failed", FIRE, "active")]
