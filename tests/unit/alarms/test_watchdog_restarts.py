"""An alarm that the state of an item started does not start again by itself, whatever is restarted."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

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


def _look(office: AlarmOffice, state: str, *, since: float | None = None) -> None:
    """Let the service read a state, and since when it is so, by the office's clock; None for an openHAB that does not tell."""
    office.items.changed["Smoke"] = None if since is None else time.time() - (office.now - since)
    office.items.states["Smoke"] = state
    before = office.items.reads
    office.wait(lambda: office.look_at_items() or office.items.reads > before)  # type: ignore[func-returns-value]
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
            _look(office, "ON", since=990)
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
        office.wait(
            lambda: not office.is_openhab_noticed
        )  # before that, a read of NULL may still come and mean nothing
        _look(office, "NULL")
        office.wait(lambda: _update(office, "ON") or _runs(office) == 2)  # type: ignore[func-returns-value]


def _ended_while_there_was_smoke(folder: Path, twilio: ScriptedTwilio) -> None:
    """Smoke at 990 starts the alarm at 1000, and somebody ends it."""
    with AlarmOffice(folder, twilio, starts_when=WHEN) as office:
        _look(office, "ON", since=990)
        office.wait(lambda: _runs(office) == 1)


@pytest.mark.parametrize("since", [1005, None])
def test_new_smoke_while_the_service_was_stopped_starts_it(tmp_path: Path, since: float | None) -> None:
    """The state has changed since the alarm was ended; where openHAB does not tell, it may have."""
    twilio = ScriptedTwilio()
    _ended_while_there_was_smoke(tmp_path, twilio)
    with AlarmOffice(tmp_path, twilio, starts_when=WHEN, now=1010) as office:
        _update(office, "ON")
        _look(office, "ON", since=since)
        office.wait(lambda: _runs(office) == 2)
        _look(office, "ON", since=since)
        assert _runs(office) == 2


def test_a_test_after_the_end_starts_nothing_again(tmp_path: Path) -> None:
    """The smoke is still the one for which the alarm started, although a test was run since."""
    twilio = ScriptedTwilio()
    _ended_while_there_was_smoke(tmp_path, twilio)
    with AlarmOffice(tmp_path, twilio, starts_when=WHEN, now=1010) as office:
        _look(office, "ON", since=990)
        office.alarms.start(FIRE, is_test=True)
        assert _runs(office) == 2
    with AlarmOffice(tmp_path, twilio, starts_when=WHEN, now=1020) as office:
        _look(office, "ON", since=990)
        assert _runs(office) == 2
        _update(office, "OFF")
    with AlarmOffice(tmp_path, twilio, starts_when=WHEN, now=1030) as office:
        _look(office, "ON", since=990)
        office.wait(lambda: _runs(office) == 3)


def test_an_item_that_openhab_has_not_restored_yet_is_not_updated(tmp_path: Path) -> None:
    """Its state NULL on the event stream does not mean that the smoke is gone."""
    with AlarmOffice(tmp_path, ScriptedTwilio(), starts_when=WHEN) as office:
        _look(office, "ON", since=990)
        office.wait(lambda: _runs(office) == 1)
        office.is_openhab_down = True
        office.wait(lambda: office.is_openhab_noticed)
        for state in ("NULL", "UNDEF", "ON"):
            _update(office, state)
        assert _runs(office) == 1


def test_the_end_of_the_smoke_is_stored_when_the_disk_has_room_again(tmp_path: Path) -> None:
    """Otherwise new smoke would not start the alarm after a restart."""
    full = [False]

    def commit(work: Callable[[], object]) -> object:
        if full[0]:
            raise OSError(28, "No space left on device")
        return work()

    twilio = ScriptedTwilio()
    with capture_logs() as entries, AlarmOffice(tmp_path, twilio, starts_when=WHEN, commit=commit) as office:
        _look(office, "ON", since=990)
        office.wait(lambda: _runs(office) == 1)
        full[0] = True
        office.update_item("Smoke", "OFF")
        office.wait(lambda: any(one["event"] == "alarm.condition_not_stored" for one in entries))
        full[0] = False
        office.wait(lambda: "condition" in office.stored())
    with AlarmOffice(tmp_path, twilio, starts_when=WHEN, now=1010) as office:
        _look(office, "ON", since=990)
        office.wait(lambda: _runs(office) == 2)
