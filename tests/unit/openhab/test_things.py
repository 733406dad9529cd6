"""What openHAB lists, and what it has told before and does not list now."""

from __future__ import annotations

from pathlib import Path

import pytest

from twilio_binding.model.configuration import load_things
from twilio_binding.openhab.registries.things import OpenHABThings

ACCOUNT: dict[str, object] = {"UID": "twilio:account:a", "thingTypeUID": "twilio:account", "configuration": {}}
ONE: dict[str, object] = {"UID": "twilio:phone:a:one", "thingTypeUID": "twilio:phone", "bridgeUID": "twilio:account:a"}
TWO: dict[str, object] = {**ONE, "UID": "twilio:phone:a:two"}
EVERYTHING = [ACCOUNT, ONE, TWO]


@pytest.fixture
def things() -> OpenHABThings:
    """Three things that openHAB has listed."""
    things = OpenHABThings()
    things.load(EVERYTHING)
    return things


def uids(things: OpenHABThings) -> list[str]:
    """Which things there are."""
    return [node.uid.rpartition(":")[2] for node in things.nodes]


def test_list_that_is_not_complete(things: OpenHABThings) -> None:
    """While openHAB starts, no thing is removed because it is not listed."""
    things.load([ONE], complete=False)
    assert uids(things) == ["a", "one", "two"]
    things.load([], complete=False)
    assert uids(things) == ["a", "one", "two"]


def test_list_that_is_complete(things: OpenHABThings) -> None:
    """When openHAB has everything, what it does not list is gone."""
    things.load([ACCOUNT, ONE])
    assert uids(things) == ["a", "one"]


def test_removed_before_our_eyes(things: OpenHABThings) -> None:
    """What openHAB says is removed is gone at once, and back when it is added again."""
    things.follow("openhab/things/twilio:phone:a:two/removed", "{}")
    things.load([ACCOUNT, ONE], complete=False)
    assert uids(things) == ["a", "one"]
    things.follow("openhab/things/twilio:phone:a:two/added", "{}")
    things.load(EVERYTHING, complete=False)
    things.load([ACCOUNT], complete=False)
    assert uids(things) == ["a", "one", "two"]


def test_removed_in_an_earlier_life_of_openhab(things: OpenHABThings) -> None:
    """A thing that openHAB removed before its restart may be missing from a list."""
    things.follow("openhab/things/twilio:phone:a:two/removed", "{}")
    things.forget_events()
    things.load(EVERYTHING, complete=False)
    things.load([], complete=False)
    assert uids(things) == ["a", "one", "two"]


@pytest.mark.parametrize("change", [{"statusInfo": {"statusDetail": "DISABLED"}}, {"thingTypeUID": "other:phone"}])
def test_disabled_while_openhab_starts(things: OpenHABThings, change: dict[str, object]) -> None:
    """What is listed as something else, or as disabled, is not taken from the list of before."""
    things.load([ACCOUNT, ONE, {**TWO, **change}], complete=False)
    assert uids(things) == ["a", "one"]


def test_pin_in_the_kept_copy(tmp_path: Path) -> None:
    """The copy of what openHAB lists has PINs with a salt only, and they still match after a restart; lists stay lists."""
    contact = {
        "UID": "twilio:contact:a:ada",
        "thingTypeUID": "twilio:contact",
        "bridgeUID": "twilio:account:a",
        "configuration": {"phoneNumber": "+15557654321", "pin": "47110815", "rights": ["read", "command"]},
    }
    phone = {**ONE, "configuration": {"phoneNumber": "+15551234567"}}
    account = {**ACCOUNT, "configuration": {"accountSid": "AC" + "0" * 32, "authToken": "t"}}
    kept = tmp_path / "openhab-things.json"
    OpenHABThings(kept).load([account, phone, contact])
    assert "47110815" not in kept.read_text(encoding="utf-8")
    again = OpenHABThings(kept)
    again.recall()
    loaded, problems = load_things(again.nodes)
    ada = loaded.contacts["twilio:contact:a:ada"]
    assert problems == []
    assert ada.pin is not None and ada.pin.matches("47110815") and not ada.pin.matches("47110816")
    assert ada.may("read") and ada.may("command") and not ada.may("acknowledge")
