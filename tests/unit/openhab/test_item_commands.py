"""Which events of linked items are commands to channels."""

from __future__ import annotations

import json

import pytest

from twilio_binding.openhab.item_commands import ItemCommands
from twilio_binding.openhab.registries.links import ItemLinks
from twilio_binding.protocol.commands import Command

FIRE = "twilio:alarm:home:fire"


def followed(item: str, what: str, value: str, *, has_script: bool, is_prepared: bool) -> list[str]:
    """What the alarm is told when something happens to an item: a panic button that it follows, or its own switch."""
    links, commands = ItemLinks(), list[Command]()
    for name, profile in (("Panic", "follow"), ("Fire", "")):
        link = {
            "itemName": name,
            "channelUID": f"{FIRE}:active",
            "configuration": {"profile": profile} if profile else {},
        }
        links.follow(f"openhab/links/{name}-{FIRE}:active/added", json.dumps(link))
    told = ItemCommands(links, has_profiles=lambda: has_script, is_prepared=lambda: is_prepared)
    told.take = commands.append
    told.follow(f"openhab/items/{item}/{what}", json.dumps({"type": "OnOff", "value": value}))
    return [command.value for command in commands]


@pytest.mark.parametrize(
    ("item", "what", "has_script", "is_prepared", "told"),
    [
        ("Panic", "stateupdated", False, True, ["OFF"]),
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
    """States that openHAB restores when it starts are no commands: an OFF of last week ended an alarm that ran."""
    assert followed(item, what, "OFF", has_script=has_script, is_prepared=is_prepared) == told
