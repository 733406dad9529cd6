"""An alarm that the state of an item started does not start again by itself, whatever is restarted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.unit.alarms.alarm_office import FIRE, AlarmOffice, ScriptedTwilio

WHEN = "item Smoke = ON"


@pytest.fixture(autouse=True)
def _told(announced: Announced) -> None:
    """Expect the warnings that alarms log."""
    announced("alarm.started", "alarm.ended")


def _runs(office: AlarmOffice) -> int:
    """The number of starts; what is alerting ends, after everything that was told before."""
    office.alarms.end(FIRE)
    return len(office.alarms.history())


def _look(office: AlarmOffice, state: str) -> None:
    """Let the service read a state."""
    office.items.states["Smoke"] = state
    before = office.items.read
    office.wait(lambda: office.look_at_items() or office.items.read > before)  # type: ignore[func-returns-value]
    _runs(office)


def _update(office: AlarmOffice, state: str) -> None:
    """Let openHAB tell an update."""
    office.items.states["Smoke"] = state
    office.update_item("Smoke", state)
    _runs(office)


def test_a_restart_of_the_service_starts_nothing_again(tmp_path: Path) -> None:
    """Even if somebody ended the alarm while there was still smoke; but new smoke starts it."""
    twilio = ScriptedTwilio()
    with AlarmOffice(tmp_path, twilio, starts_when=WHEN) as office:
        _look(office, "ON")
        office.wait(lambda: _runs(office) == 1)
    for now in (1010, 1020):
        with AlarmOffice(tmp_path, twilio, starts_when=WHEN, now=now) as office:
            _look(office, "ON")
            _update(office, "ON")
            assert _runs(office) == 1
            _update(office, "OFF" if now == 1020 else "ON")
    with AlarmOffice(tmp_path, twilio, starts_when=WHEN, now=1030) as office:
        _look(office, "ON")
        office.wait(lambda: _runs(office) == 2)


def test_a_start_of_openhab_starts_nothing_again(tmp_path: Path) -> None:
    """Until openHAB has restored its items they have no state, and then the old one. Later, no state means no smoke."""
    with AlarmOffice(tmp_path, ScriptedTwilio(), starts_when=WHEN) as office:
        _look(office, "ON")
        office.wait(lambda: _runs(office) == 1)
        office.is_openhab_down = True
        office.wait(lambda: office.is_openhab_noticed)
        _look(office, "NULL")
        _look(office, "ON")
        assert _runs(office) == 1
        office.items.states["Smoke"] = "NULL"
        office.is_openhab_down = False
        before = office.items.read
        office.wait(lambda: office.items.read > before)
        office.wait(lambda: _update(office, "ON") or _runs(office) == 2)  # type: ignore[func-returns-value]
