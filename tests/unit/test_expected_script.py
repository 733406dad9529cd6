"""Whether the script inside openHAB is waited for after a start of openHAB."""

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
    """Where it is remembered."""
    return tmp_path / "openhab-has-script"


@pytest.fixture
def script(file: Path, clock: Clock) -> ExpectedScript:
    """A script that answered."""
    script = ExpectedScript(file, clock=clock)
    script.came()
    return script


def restart_openhab(script: ExpectedScript, clock: Clock, *, down: float = 10) -> None:
    """The script says goodbye, openHAB goes, and comes again."""
    script.left()
    clock.now += 2
    script.openhab_lost()
    clock.now += down
    script.openhab_opened()


def test_it_is_waited_for_within_bounds(script: ExpectedScript, clock: Clock) -> None:
    """After a start the script is waited for until openHAB has run for 90 s, and then no more."""
    restart_openhab(script, clock)
    assert script.is_worth_waiting(5)
    assert script.is_worth_waiting(89)
    assert not script.is_worth_waiting(90)
    restart_openhab(script, clock)
    assert not script.is_worth_waiting(5)


def test_slow_machines_have_half_a_minute_more(script: ExpectedScript, clock: Clock) -> None:
    """Where the rule engine itself takes minutes, the script may come shortly after it."""
    restart_openhab(script, clock)
    script.openhab_starts()
    clock.now += 29
    assert script.is_worth_waiting(200)
    clock.now += 1
    assert not script.is_worth_waiting(201)


def test_an_openhab_that_does_not_tell_its_age(script: ExpectedScript, clock: Clock) -> None:
    """Its age counts from the connection."""
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
    """What an earlier run knew counts, and so does what it learnt to be gone."""
    restart_openhab(script, clock)
    again = ExpectedScript(file, clock=clock)
    assert again.is_worth_waiting(5)
    assert not again.is_worth_waiting(500)
    assert not ExpectedScript(file, clock=clock).is_worth_waiting(5)


@pytest.mark.parametrize("told", [True, False])
def test_one_that_was_removed_is_not_waited_for(script: ExpectedScript, clock: Clock, *, told: bool) -> None:
    """A script that says goodbye while openHAB runs on, and does not come back, was removed."""
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
    """A reload is a goodbye and a return."""
    script.left()
    clock.now += 8
    script.came()
    clock.now += 60
    script.note_removed()
    assert script.is_worth_waiting(5)


def test_a_disk_that_takes_nothing(file: Path, clock: Clock, announced: Announced) -> None:
    """What cannot be written down counts for this run."""
    announced("script.not_remembered")
    script = ExpectedScript(file / "no" / "such" / "folder", clock=clock)
    script.came()
    assert script.is_worth_waiting(5)
