"""Alarms that start by themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.alarm_home import ADA, AlarmHome, alarm_home
from tests.integration.openhab_probe import put_state
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def watched() -> Iterator[AlarmHome]:
    """One stack for all; each test has its own alarm."""
    with alarm_home(
        'down "Server" [ steps="text ada; wait 5m", startsWhen="openhab down 2s", recall="It is back" ]',
        'smoke "Smoke" [ steps="text ada; wait 5m", startsWhen="item Smoke_Detector = ON or item Heat > 60 hysteresis 5" ]',
        'quiet "Heartbeat" [ steps="text ada; wait 5m", startsWhen="no update of Heart_Beat 3s" ]',
        'leak "Leak" [ steps="text ada; wait 5m", startsWhen="item Water = open" ]',
        items="Switch Smoke_Detector\nNumber Heat\nString Heart_Beat\n"
        "Group:Contact:OR(OPEN,CLOSED) Water\nContact Water_Cellar (Water)\nContact Water_Bath (Water)\n",
    ) as home:
        yield home


def test_openhab_is_down(watched: AlarmHome) -> None:
    """Contacts are notified although openHAB is down; when it is back, the alarm ends, and they are told."""
    watched.openhab.faults.down()
    wait_until(lambda: watched.texts(ADA, "Server: openHAB has been down for 2 s."))
    watched.openhab.faults.up()
    watched.stack.service.wait_ready()
    wait_until(lambda: watched.texts(ADA, "Server: It is back"))
    watched.wait_state("down", "idle")
    assert len(watched.texts(ADA, "Server: openHAB")) == 1


def test_an_item_has_a_state(watched: AlarmHome) -> None:
    """A change of the item starts the alarm, once; a restart of the service does not start it again."""
    watched.command("Smoke_Detector", "ON")
    wait_until(lambda: watched.texts(ADA, "Smoke: Smoke_Detector = ON."))
    watched.command("Smoke_Detector", "ON")
    watched.ask("smoke", "acknowledgeAlarm", by="ada")
    watched.stack.service.kill()
    watched.stack.service.start()
    watched.stack.service.wait_ready()
    watched.wait_state("smoke", "acknowledged")
    assert len(watched.texts(ADA, "Smoke: Smoke")) == 1
    watched.command("Smoke_Detector", "OFF")
    watched.command("Heat", "61")
    wait_until(lambda: watched.texts(ADA, "Smoke: Heat > 60."))


def test_an_item_is_not_updated(watched: AlarmHome) -> None:
    """Updates without a change count."""
    wait_until(lambda: watched.texts(ADA, "Heartbeat: Heart_Beat has had no update for 3 s."))
    watched.command("Heart_Beat", "alive")
    watched.wait_state("quiet", "idle")


def test_a_group_has_a_state(watched: AlarmHome) -> None:
    """The state of a group is told differently, and with each update of a member; the alarm starts once."""
    for item, state in (("Water_Cellar", "CLOSED"), ("Water_Bath", "OPEN"), ("Water_Cellar", "OPEN")):
        put_state(watched.openhab.url, item, state).raise_for_status()
    wait_until(lambda: watched.texts(ADA, "Leak: Water = open."))
    wait_until(lambda: watched.openhab.states("Water")[-2:] == ["OPEN", "OPEN"])
    assert watched.ask("leak", "endAlarm").details["state"] == "idle"
    assert len(watched.texts(ADA, "Leak: ")) == 1
