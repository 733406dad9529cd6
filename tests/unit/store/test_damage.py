"""A damaged database: set aside, told loudly, and the service goes on with what could be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.waiting import wait_until
from twilio_binding.model.events import Event
from twilio_binding.store import Database, SqliteJournal

DAMAGE = ("store.damaged", "store.write_failed")


def _event(payload: str) -> Event:
    return Event(thing="twilio:phone:a:b", channel="sms-received", payload=payload, lifetime=60, sid_key=payload)


def _filled(path: Path, events: int) -> None:
    database = Database(path)
    database.start()
    journal = SqliteJournal(database)
    for number in range(events):
        journal.record(_event(f"{number:05} {'x' * 200}"))
    database.stop()


def _overwrite(path: Path, start: int, end: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * (end - start))


def _payloads(database: Database) -> list[str]:
    journal = SqliteJournal(database)
    return [delivery.event.payload for delivery in journal.pending("openhab", urgent=False, limit=1000)]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"this is no database" * 100),
        lambda path: path.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000),
        lambda path: _overwrite(path, 0, 100),
    ],
)
def test_damaged_at_the_start(tmp_path: Path, announced: Announced, spoil: Callable[[Path], object]) -> None:
    """What is no database any more is set aside whole, and a new one begins."""
    announced(*DAMAGE)
    path = tmp_path / "x.db"
    _filled(path, 10)
    spoil(path)
    content = path.read_bytes()
    database = Database(path)
    database.start()
    assert SqliteJournal(database).record(_event("new")).new
    assert _payloads(database) == ["new"]
    (aside,) = database.set_aside
    assert aside.read_bytes() == content
    database.stop()


def test_damaged_in_the_middle(tmp_path: Path, announced: Announced) -> None:
    """Of a database with a spoilt page the rows before it are taken along, and go on being delivered."""
    announced(*DAMAGE)
    path = tmp_path / "x.db"
    _filled(path, 400)
    size = path.stat().st_size
    _overwrite(path, size * 3 // 4, size * 3 // 4 + 8192)
    database = Database(path)
    database.start()
    with pytest.raises(sqlite3.DatabaseError):
        _payloads(database)
    wait_until(lambda: database.set_aside, 5, "the damage to be found")
    wait_until(lambda: len(_payloads(database)) > 100, 5, "the new one")
    assert _payloads(database)[0].startswith("00000 ")
    assert SqliteJournal(database).record(_event("new")).new
    database.stop()


def test_damaged_while_writing(tmp_path: Path, announced: Announced) -> None:
    """A webhook that comes while the file is spoilt is stored all the same, in the new one."""
    announced(*DAMAGE)
    path = tmp_path / "x.db"
    _filled(path, 400)
    database = Database(path)
    database.start()
    size = path.stat().st_size
    _overwrite(path, 4096, size)
    journal = SqliteJournal(database)
    for number in range(50):
        assert journal.record(_event(f"new {number}")).new
    assert _payloads(database)[-50:] == [f"new {number}" for number in range(50)]
    database.stop()


def test_ids_after_a_loss(tmp_path: Path, announced: Announced) -> None:
    """Ids never come again after the loss of all events: openHAB's side would take the new ones for old ones."""
    announced(*DAMAGE)
    path = tmp_path / "x.db"
    clock = iter(range(1000, 2000)).__next__
    database = Database(path)
    database.start()
    first = SqliteJournal(database, clock=clock).record(_event("1")).id
    database.stop()
    path.unlink()
    again = Database(path)
    again.start()
    journal = SqliteJournal(again, clock=clock)
    second = journal.record(_event("2")).id
    assert second > first
    again.write(lambda connection: connection.execute("DELETE FROM events"))
    assert journal.record(_event("3")).id > second
    again.stop()
