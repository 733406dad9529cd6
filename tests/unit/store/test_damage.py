"""A damaged database: set aside, reported, and the service continues with what could be read."""

from __future__ import annotations

import errno
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.waiting import wait_until
from twilio_binding.model.events import Event
from twilio_binding.store import Database, SqliteJournal, damage
from twilio_binding.store.damage import rescue

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
    """A file that is no longer a database is set aside as a whole, and a new one begins."""
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


def test_rescue_while_another_process_holds_the_file(tmp_path: Path) -> None:
    """Rows that a lock hides are not taken for lost: the rescue fails, and can be tried again."""
    path = tmp_path / "x.db"
    _filled(path, 10)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            rescue(path)
        other.execute("ROLLBACK")
    assert rescue(path) > 0


def test_damaged_in_the_middle(tmp_path: Path, announced: Announced) -> None:
    """With a damaged page, the rows before it are kept, and are still delivered."""
    announced(*DAMAGE)
    path = tmp_path / "x.db"
    _filled(path, 400)
    size = path.stat().st_size
    _overwrite(path, size * 3 // 4, size * 7 // 8)  # more than the pages of one index, whatever the tables are
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
    """A webhook that arrives while the file is damaged is stored in the new one."""
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


def _damaged(path: Path) -> Path:
    """A database of 400 events whose index of what is to be delivered cannot be read; every row can."""
    _filled(path, 400)
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'events_openhab'").fetchone()
    _overwrite(path, (page - 1) * 4096, (page - 1) * 4096 + 64)
    return path


def _delivers_all(path: Path) -> None:
    database = Database(path)
    database.start()
    with suppress(sqlite3.DatabaseError):
        _payloads(database)
    wait_until(lambda: database.set_aside, 5, "the damage to be found")
    wait_until(lambda: len(_payloads(database)) == 400, 5, "the new one")
    assert len(database.set_aside) == 1
    assert SqliteJournal(database).record(_event("new")).new
    database.stop()


def test_damaged_index(tmp_path: Path, announced: Announced) -> None:
    """If only an index is damaged, every row is kept, and all are delivered."""
    announced(*DAMAGE)
    _delivers_all(_damaged(tmp_path / "x.db"))


def test_rescue_of_an_older_version(tmp_path: Path) -> None:
    """Rows of an older version are kept, too, although it had fewer columns."""
    path = tmp_path / "x.db"
    _filled(path, 10)
    with closing(sqlite3.connect(path)) as older:
        older.execute("INSERT INTO requests VALUES ('r', 'thing', 'sendSMS', '{}', '', 0, 0, NULL)")
        older.execute("INSERT INTO parts (request, number, recipient, asked) VALUES ('r', 0, '+15557654321', 7)")
        older.execute("ALTER TABLE parts DROP COLUMN looks")
        older.execute("PRAGMA user_version = 4")
        older.commit()
    assert rescue(path) in (23, 24)  # the events have keys, and are counted by the hour
    database = Database(path)
    database.start()
    assert database.read("SELECT recipient, asked, looks FROM parts") == [("+15557654321", 7.0, 0)]
    database.stop()


class Unreadable:
    """A database all of whose queries fail in the same way."""

    def __init__(self, code: int) -> None:
        self._error = sqlite3.OperationalError("on purpose")
        self._error.sqlite_errorcode = code

    def execute(self, _sql: str) -> None:
        """Fail."""
        raise self._error


@pytest.mark.parametrize(
    "code",
    [
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_BUSY_RECOVERY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_SHMSIZE,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    ],
)
def test_what_may_pass_is_not_taken_for_lost_rows(code: int) -> None:
    """A disk without room for the WAL index, a lock and the like end the rescue; it is tried again later."""
    with pytest.raises(sqlite3.OperationalError):
        list(damage._readable(Unreadable(code), "SELECT 1"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "code",
    [
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_CORRUPT_INDEX,
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_IOERR_READ,
        sqlite3.SQLITE_IOERR_SHORT_READ,
        sqlite3.SQLITE_NOTADB,
    ],
)
def test_rows_that_cannot_be_read_are_left_out(code: int) -> None:
    """A bad block costs its rows and not the rescue."""
    assert list(damage._readable(Unreadable(code), "SELECT 1")) == []  # type: ignore[arg-type]


def test_killed_while_rescuing(tmp_path: Path, announced: Announced) -> None:
    """What a crash left incomplete is begun again; the damaged file was not touched."""
    announced(*DAMAGE)
    path = _damaged(tmp_path / "x.db")
    (tmp_path / "x.db.rescuing").write_bytes(b"half")
    (tmp_path / "x.db.rescuing-journal").write_bytes(b"half")
    _delivers_all(path)


@pytest.mark.parametrize("moved", [(), ("-wal",), ("-wal", "")])
def test_killed_while_replacing(tmp_path: Path, moved: tuple[str, ...]) -> None:
    """A replacement that a crash interrupted at any step is completed at the next start, and nothing is lost."""
    path = _damaged(tmp_path / "x.db")
    assert rescue(path) in (801, 802)  # events, their keys, and how many they were in an hour
    (tmp_path / "x.db-wal").write_bytes(b"of the damaged one")
    for suffix in moved:
        (tmp_path / f"x.db{suffix}").rename(tmp_path / f"x.db.damaged-earlier{suffix}")
    database = Database(path)
    database.start()
    assert len(_payloads(database)) == 400
    assert database.set_aside
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    database.stop()


def test_no_room_to_rescue(tmp_path: Path, announced: Announced) -> None:
    """If the new file cannot be written, writes fail with the reason, and continue with all rows as soon as it can be."""
    announced(*DAMAGE)
    path = _damaged(tmp_path / "x.db")
    room = tmp_path / "x.db.rescuing"
    room.mkdir()
    database = Database(path)
    database.start()
    journal = SqliteJournal(database)
    for number in range(3):
        with pytest.raises(sqlite3.DatabaseError):
            journal.record(_event(f"refused {number}"))
    assert database.set_aside == []
    room.rmdir()
    wait_until(lambda: _is_recorded(journal, "accepted"), 5, "a webhook to be stored again")
    assert len(_payloads(database)) == 401
    database.stop()


@pytest.mark.parametrize("step", range(4))
def test_replacement_that_fails_once(
    tmp_path: Path, announced: Announced, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Whichever step of a replacement fails, the rescued file is in place before the next write, and both stay."""
    announced(*DAMAGE, "store.lost")
    path = tmp_path / "x.db"
    _filled(path, 10)
    database = Database(path)
    database.start()
    renamed, count = Path.rename, iter(range(100)).__next__

    def rename(file: Path, target: Path) -> Path:
        if count() == step:
            raise OSError(errno.EIO, "Input/output error")
        return renamed(file, target)

    monkeypatch.setattr(Path, "rename", rename)
    path.unlink()
    wait_until(lambda: _is_recorded(SqliteJournal(database), "new"), 5, "a webhook to be stored again")
    database.stop()
    again = Database(path)
    again.start()
    assert len(_payloads(again)) == 11
    again.stop()


def _is_recorded(journal: SqliteJournal, payload: str) -> bool:
    try:
        return journal.record(_event(payload)).id > 0
    except sqlite3.DatabaseError:
        return False


def test_ids_after_a_loss(tmp_path: Path, announced: Announced) -> None:
    """Ids are never reused after the loss of all events: openHAB's side would take new events for old ones."""
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
