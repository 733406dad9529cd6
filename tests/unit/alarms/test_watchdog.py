"""What the watchdog sees on openHAB's event stream."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.unit.alarms.alarm_office import FIRE, AlarmOffice, ScriptedItems, ScriptedTwilio
from twilio_binding.errors import DependencyDownError
from twilio_binding.model.item_topics import state_topic, updated_item
from twilio_binding.model.watches import ReadState
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


def test_the_state_of_a_group_with_a_unit_is_read(tmp_path: Path) -> None:
    """Its event is in the base unit, in which every temperature is above 30; a condition without a unit means what people see."""
    with AlarmOffice(tmp_path, ScriptedTwilio(), starts_when="item Warmest > 30 or item Bell = ON") as office:
        office.items.states["Warmest"] = "29 °C"
        before = office.items.reads
        office.update_item("Warmest/Hall", "302.15 K", kind="Quantity")
        office.wait(lambda: office.items.reads > before)
        office.update_item("Bell", "ON")
        office.wait(lambda: office.view().state == "alerting")
        assert office.view().started_by == "watchdog: Bell = ON."
        office.alarms.end(FIRE)


def test_a_group_with_a_unit_starts_an_alarm(tmp_path: Path) -> None:
    """With the state that openHAB shows."""
    with AlarmOffice(tmp_path, ScriptedTwilio(), starts_when="item Coldest < 5") as office:
        office.items.states["Coldest"] = "6 °C"
        office.wait(lambda: office.items.reads > 1)  # for the alarm, and because openHAB is up
        office.items.states["Coldest"] = "4 °C"
        office.update_item("Coldest/Attic", "277.15 K", kind="Quantity")
        office.wait(lambda: office.view().state == "alerting")
        office.alarms.end(FIRE)


def test_a_group_is_read_when_openhab_has_started(tmp_path: Path) -> None:
    """Meanwhile it has states that it never had: openHAB restores its members one after the other."""
    with AlarmOffice(tmp_path, ScriptedTwilio(), starts_when="item Doors = OPEN or item Bell = ON") as office:
        office.is_openhab_down = True
        office.wait(lambda: office.is_openhab_noticed)
        office.update_item("Doors/Front", "OPEN")
        office.update_item("Bell", "ON")
        office.wait(lambda: office.view().state == "alerting")
        assert office.view().started_by == "watchdog: Bell = ON."
        office.alarms.end(FIRE)


class _SlowItems(ScriptedItems):
    """Does not answer in time, so many times from now on."""

    late = 0

    def read(self, item: str) -> ReadState:
        if self.late:
            self.late -= 1
            raise DependencyDownError("no answer in time")
        return super().read(item)


def test_a_state_that_openhab_does_not_tell_in_time_is_read_again(tmp_path: Path) -> None:
    """Also if the event stream stays open, so that nothing else reads it."""
    items = _SlowItems()
    items.late, items.states["Smoke"] = 2, "ON"  # for the alarm, and because openHAB is up
    with AlarmOffice(tmp_path, ScriptedTwilio(), starts_when="item Smoke = ON", items=items) as office:
        office.wait(lambda: office.view().state == "alerting")
        office.alarms.end(FIRE)


def test_an_update_of_a_group_is_not_lost_if_openhab_is_slow(tmp_path: Path) -> None:
    """Its state is read again until it is known."""
    items = _SlowItems()
    items.states["Warmest"] = "20 °C"
    with AlarmOffice(tmp_path, ScriptedTwilio(), starts_when="item Warmest > 30", items=items) as office:
        office.wait(lambda: items.reads > 1)  # for the alarm, and because openHAB is up
        items.late, items.states["Warmest"] = 1, "40 °C"
        office.update_item("Warmest/Hall", "313.15 K", kind="Quantity")
        office.wait(lambda: office.view().state == "alerting")
        office.alarms.end(FIRE)


def test_many_updates_of_a_group_are_one_read(tmp_path: Path) -> None:
    """While openHAB is slow, reads do not pile up; the last one has the newest state."""
    may_go_on = threading.Event()

    class Items(ScriptedItems):
        def read(self, item: str) -> ReadState:
            found = super().read(item)
            may_go_on.wait(60)
            return found

    items = Items()
    items.states["Warmest"] = "20 °C"
    with AlarmOffice(tmp_path, ScriptedTwilio(), starts_when="item Warmest > 30", items=items) as office:
        office.wait(lambda: items.reads == 1)
        for _ in range(100):
            office.update_item("Warmest/Hall", "313.15 K", kind="Quantity")
        items.states["Warmest"] = "40 °C"
        may_go_on.set()
        office.wait(lambda: office.view().state == "alerting")
        assert items.reads < 10
        office.alarms.end(FIRE)
