"""Whether the service waits for the script inside openHAB after a start of openHAB."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clock import Clock
from tests.conftest import Announced
from twilio_binding.openhab.delivery.expected_script import ExpectedScript


@pytest.fixture
def clock() -> Clock:
    """The clock."""
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of the memory."""
    return tmp_path / "openhab-has-script"


@pytest.fixture
def script(file: Path, clock: Clock) -> ExpectedScript:
    """A script that answered."""
    script = ExpectedScript(file, clock=clock)
    script.came()
    return script


def restart_openhab(script: ExpectedScript, clock: Clock, *, down: float = 10) -> None:
    """The script announces its end, openHAB stops, and starts again."""
    script.left()
    clock.now += 2
    script.openhab_lost()
    clock.now += down
    script.openhab_opened()


def test_it_is_waited_for_within_bounds(script: ExpectedScript, clock: Clock) -> None:
    """After a start, the service waits for the script until openHAB has run for 90 s."""
    restart_openhab(script, clock)
    assert script.is_worth_waiting(5)
    assert script.is_worth_waiting(89)
    assert not script.is_worth_waiting(90)
    restart_openhab(script, clock)
    assert not script.is_worth_waiting(5)


def test_slow_machines_have_half_a_minute_more(script: ExpectedScript, clock: Clock) -> None:
    """If the rule engine takes minutes, the script may start shortly after it."""
    restart_openhab(script, clock)
    script.openhab_starts()
    clock.now += 29
    assert script.is_worth_waiting(200)
    clock.now += 1
    assert not script.is_worth_waiting(201)


def test_an_openhab_that_does_not_tell_its_age(script: ExpectedScript, clock: Clock) -> None:
    """Without a known uptime, it counts from the connection."""
    restart_openhab(script, clock)
    clock.now += 89
    assert script.is_worth_waiting(None)
    clock.now += 1
    assert not script.is_worth_waiting(None)


def test_one_that_never_was_there_is_not_waited_for(file: Path, clock: Clock) -> None:
    """Without the script nothing waits."""
    assert not ExpectedScript(file, clock=clock).is_worth_waiting(5)
    assert not ExpectedScript(None, clock=clock).is_worth_waiting(5)


def test_a_service_that_restarts_knows(script: ExpectedScript, file: Path, clock: Clock) -> None:
    """What an earlier process knew counts, also that the script was removed."""
    restart_openhab(script, clock)
    again = ExpectedScript(file, clock=clock)
    assert again.is_worth_waiting(5)
    assert not again.is_worth_waiting(500)
    assert not ExpectedScript(file, clock=clock).is_worth_waiting(5)


@pytest.mark.parametrize("told", [True, False])
def test_one_that_was_removed_is_not_waited_for(script: ExpectedScript, clock: Clock, *, told: bool) -> None:
    """A script that announces its end while openHAB keeps running, and does not come back, was removed."""
    script.left()
    clock.now += 29
    script.note_removed()
    assert script.is_worth_waiting(5)
    clock.now += 1
    if told:
        script.note_removed()
    script.openhab_lost()
    script.openhab_opened()
    assert not script.is_worth_waiting(5)


def test_one_that_is_reloaded_stays_expected(script: ExpectedScript, clock: Clock) -> None:
    """A reload is an end and a return."""
    script.left()
    clock.now += 8
    script.came()
    clock.now += 60
    script.note_removed()
    assert script.is_worth_waiting(5)


def test_a_disk_that_takes_nothing(file: Path, clock: Clock, announced: Announced) -> None:
    """What cannot be stored counts for this process."""
    announced("script.not_remembered")
    script = ExpectedScript(file / "no" / "such" / "folder", clock=clock)
    script.came()
    assert script.is_worth_waiting(5)
