"""The machine's clock is set by days and years, and nothing becomes older or younger."""

from __future__ import annotations

from pathlib import Path

import pytest

from twilio_binding.model.events import Event
from twilio_binding.store import Database, SqliteJournal, Timeline

YEAR = 365 * 86400.0
TODAY = 1_795_000_000.0


class Machine:
    """A machine that runs, is switched off, and whose clock is set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wall, self.up, self.boot = TODAY, 100.0, "first"

    def process(self) -> Timeline:
        """A process that starts now."""
        return Timeline(self.folder / "timeline", clock=lambda: self.wall, up=lambda: self.up, boot=self.boot)

    def goes_on(self, seconds: float) -> None:
        """Time passes."""
        self.wall, self.up = self.wall + seconds, self.up + seconds

    def restarts(self, *, off: float) -> None:
        """The machine is off for so many seconds."""
        self.wall, self.up, self.boot = self.wall + off, 1.0, self.boot + "+"


@pytest.mark.parametrize("jump", [-50 * YEAR, -YEAR, -86400.0, -3600.0, 3600.0, 86400.0, YEAR, 50 * YEAR])
def test_clock_is_set(tmp_path: Path, jump: float) -> None:
    """Whatever the clock does while the machine runs, also across restarts of the process, time continues steadily."""
    machine = Machine(tmp_path)
    line = machine.process()
    machine.wall += jump
    machine.goes_on(10)
    assert line.now() == pytest.approx(TODAY + 10)
    machine.goes_on(10)
    assert machine.process().now() == pytest.approx(TODAY + 20)


def test_boots_in_1970(tmp_path: Path) -> None:
    """A machine without its own clock continues where it ended, again and again."""
    machine = Machine(tmp_path)
    machine.process().note()
    for number in range(3):
        machine.restarts(off=0)
        machine.wall = 30.0
        assert machine.process().now() == pytest.approx(TODAY), number


def test_time_off_counts(tmp_path: Path) -> None:
    """Time that the clock counted while the machine was off has passed."""
    machine = Machine(tmp_path)
    machine.process()
    machine.restarts(off=3 * 86400)
    assert machine.process().now() == pytest.approx(TODAY + 3 * 86400)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"boot": "first"}', '{"boot": 1, "ahead": "x", "last": 0}']
)
def test_damaged_file(tmp_path: Path, content: str) -> None:
    """An invalid file counts as missing: the clock is believed."""
    machine = Machine(tmp_path)
    (tmp_path / "timeline").write_text(content, encoding="ascii")
    assert machine.process().now() == pytest.approx(TODAY)


def test_no_place_to_write(tmp_path: Path) -> None:
    """It works without its folder."""
    assert Machine(tmp_path / "missing").process().now() == pytest.approx(TODAY)


def test_ids_never_come_again(tmp_path: Path) -> None:
    """After the loss of the database, with a clock a year behind, no event has an earlier id."""
    machine = Machine(tmp_path)
    ids: list[int] = []
    for number in range(3):
        database = Database(tmp_path / f"{number}.db")
        database.start()
        journal = SqliteJournal(database, clock=machine.process().now)
        ids += [journal.record(Event(thing="t", lifetime=1.0, sid_key=f"{number} {n}")).id for n in range(3)]
        database.stop()
        machine.goes_on(1)
        machine.wall -= YEAR
    assert ids == sorted(set(ids))


@pytest.mark.parametrize("jump", [-YEAR, YEAR])
def test_message_waits_as_long_as_it_may(tmp_path: Path, jump: float) -> None:
    """A message neither expires because the clock is set ahead, nor waits longer because it is set back."""
    machine = Machine(tmp_path)
    database = Database(tmp_path / "one.db")
    database.start()
    journal = SqliteJournal(database, clock=machine.process().now)
    journal.record(Event(thing="t", lifetime=60.0))
    machine.wall += jump
    machine.goes_on(30)
    assert [one.stale for one in journal.pending("openhab", urgent=False, limit=5)] == [False]
    assert journal.forget(older_than=60) == 0
    machine.goes_on(31)
    assert [one.stale for one in journal.pending("openhab", urgent=False, limit=5)] == [True]
    database.stop()


def test_what_is_stored_says_that_the_file_was_lost(tmp_path: Path) -> None:
    """Without the file, and with a clock that was set back, time continues from the last stored record, also at the next start."""
    machine = Machine(tmp_path)
    stored = machine.process().now()
    (tmp_path / "timeline").unlink()
    machine.wall -= YEAR
    line = machine.process()
    assert line.now() < stored
    line.not_before(stored)
    assert line.now() == pytest.approx(stored)
    line.not_before(stored - 10)
    assert line.now() == pytest.approx(stored)
    machine.goes_on(60)
    assert machine.process().now() == pytest.approx(stored + 60)


def test_a_moment_that_nobody_can_have_stored(tmp_path: Path) -> None:
    """An impossible time in the database does not move the time."""
    line = Machine(tmp_path).process()
    before = line.now()
    for moment in (1e300, float("inf"), float("nan")):
        line.not_before(moment)
    assert line.now() == before
