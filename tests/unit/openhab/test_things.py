"""What openHAB lists, and what it has told before and does not list now."""

from __future__ import annotations

import pytest

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
    """While openHAB starts, nothing is forgotten for want of being listed."""
    things.load([ONE], complete=False)
    assert uids(things) == ["a", "one", "two"]
    things.load([], complete=False)
    assert uids(things) == ["a", "one", "two"]


def test_list_that_is_complete(things: OpenHABThings) -> None:
    """Once openHAB has everything, what it does not list is gone."""
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
    """What the openHAB of before has removed and the one of now has may be missing from a list again."""
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
