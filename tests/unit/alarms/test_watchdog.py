"""What the watchdog sees on openHAB's event stream."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.unit.alarms.alarm_office import FIRE, AlarmOffice, ScriptedTwilio
from twilio_binding.model.item_topics import state_topic, updated_item
from twilio_binding.sandbox.openhab.streams import topic_filter


@pytest.fixture(autouse=True)
def _told(announced: Announced) -> None:
    """Expect the warnings that alarms log."""
    announced("alarm.started", "alarm.ended")


def test_a_state_that_is_over_before_the_alarm_is_stored(tmp_path: Path) -> None:
    """Somebody who presses a bell for a moment has pressed it, also while openHAB is slow to tell what the message needs."""
    with AlarmOffice(tmp_path, ScriptedTwilio(), starts_when="item Bell = ON", message="%item:Bell%") as office:
        is_over = threading.Event()
        office.items.told = lambda *_: "ON" if is_over.wait(0.9) else ""  # type: ignore[method-assign]
        office.update_item("Bell", "ON")
        office.update_item("Bell", "OFF")
        office.alarms.end(FIRE)  # after everything that was told before it
        is_over.set()
        office.wait(lambda: office.view().state == "alerting")
        assert office.view().message == "ON"


@pytest.mark.parametrize(
    ("topic", "item"),
    [
        ("openhab/items/Smoke/stateupdated", "Smoke"),
        ("openhab/items/Smoke/Smoke_Hall/stateupdated", "Smoke"),
        ("openhab/items/Smoke/statechanged", ""),
        ("openhab/items/Smoke/command", ""),
        ("openhab/items/Smokers/stateupdated", "Smokers"),
        ("openhab/things/Smoke/stateupdated", ""),
    ],
)
def test_the_topics_of_states(topic: str, item: str) -> None:
    """The state of a group is told with the member that was updated, and openHAB passes the filter for both."""
    assert updated_item(topic) == item
    wants = topic_filter(state_topic("Smoke"))
    assert wants is not None and wants(topic) is (item == "Smoke")


def test_a_group_starts_an_alarm(tmp_path: Path) -> None:
    """Its state is told only together with the name of a member."""
    with AlarmOffice(tmp_path, ScriptedTwilio(), starts_when="item Smoke = ON") as office:
        office.update_item("Smoke/Smoke_Hall", "ON")
        office.wait(lambda: office.view().state == "alerting")
        assert office.view().started_by == "watchdog: Smoke = ON."
        office.alarms.end(FIRE)
