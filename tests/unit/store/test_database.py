"""The database: one writer, grouped commits, and nothing promised is lost."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.conftest import Announced
from tests.waiting import wait_until
from twilio_binding.store import Database, DatabaseClosedError, DatabaseTooNewError, DatabaseUnusableError
from twilio_binding.store.migrations import MIGRATIONS
from twilio_binding.store.schema import migrate


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An open database with a table of its own."""
    database = Database(tmp_path / "folder" / "x.db")
    database.start()
    database.write(lambda connection: connection.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY)"))
    yield database
    database.stop()


def _insert(database: Database, number: int) -> int:
    def write(connection: sqlite3.Connection) -> int:
        return connection.execute("INSERT INTO numbers VALUES (?)", (number,)).lastrowid or 0

    return database.write(write)


def _numbers(database: Database) -> list[int]:
    return [number for (number,) in database.read("SELECT number FROM numbers ORDER BY number")]


def _refuse(_: sqlite3.Connection) -> NoReturn:
    raise ValueError("this one is bad")


class Door:
    """A write that blocks the writer, so that others gather behind it."""

    def __init__(self, database: Database) -> None:
        self._inside, self._open = threading.Event(), threading.Event()
        database.write_later(self._wait)
        assert self._inside.wait(30)

    def _wait(self, _: sqlite3.Connection) -> None:
        self._inside.set()
        self._open.wait(60)

    def open(self) -> None:
        """Let it end."""
        self._open.set()


def test_write_and_read(database: Database) -> None:
    """A write returns its result, and is seen by all who read afterwards."""
    assert _insert(database, 7) == 7
    assert _numbers(database) == [7]


def test_file_is_private(database: Database) -> None:
    """The folder is made, and the file is for its owner only."""
    assert database.path.stat().st_mode & 0o777 == 0o600


def test_survives_reopening(database: Database) -> None:
    """What was written is there in the next run, without a migration again."""
    _insert(database, 7)
    database.stop()
    again = Database(database.path)
    again.start()
    assert _numbers(again) == [7]
    assert again.read("PRAGMA user_version") == [(len(MIGRATIONS),)]
    again.stop()


def test_power_cut(database: Database, tmp_path: Path) -> None:
    """What was promised is on disk immediately: a copy of the files of a running database has it."""
    for number in range(20):
        _insert(database, number)
    copy = tmp_path / "copy.db"
    copy.write_bytes(database.path.read_bytes())
    copy.with_name("copy.db-wal").write_bytes(database.path.with_name("x.db-wal").read_bytes())
    again = Database(copy)
    again.start()
    assert _numbers(again) == list(range(20))
    again.stop()


def test_writes_share_a_commit(database: Database) -> None:
    """Writes that gather during a commit are committed together, and each gets its own result."""
    commits: list[str] = []
    database.write(lambda connection: connection.set_trace_callback(commits.append))
    commits.clear()
    with ThreadPoolExecutor(20) as pool:
        door = Door(database)
        results = [pool.submit(_insert, database, number) for number in range(20)]
        wait_until(lambda: database._writes.count() == 20, 5, "all to wait")
        door.open()
        assert [result.result(30) for result in results] == list(range(20))
    assert commits.count("COMMIT") == 2
    assert _numbers(database) == list(range(20))


def test_one_bad_write(database: Database, announced: Announced) -> None:
    """A failing write gets its own error; those that share its commit are not affected."""
    announced("store.write_failed")
    with ThreadPoolExecutor(10) as pool:
        door = Door(database)
        good = [pool.submit(_insert, database, number) for number in range(4)]
        bad = pool.submit(database.write, _refuse)
        twice = pool.submit(_insert, database, 0)
        more = [pool.submit(_insert, database, number) for number in range(4, 8)]
        wait_until(lambda: database._writes.count() == 10, 5, "all to wait")
        door.open()
        with pytest.raises(ValueError, match="this one is bad"):
            bad.result(30)
        outcomes = [future.exception(5) for future in (*good, twice, *more)]
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [sqlite3.IntegrityError]
    assert _numbers(database) == list(range(8))
    assert _insert(database, 100) == 100


def test_half_a_write(database: Database, announced: Announced) -> None:
    """A write that fails halfway leaves nothing behind."""
    announced("store.write_failed")

    def write(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO numbers VALUES (1)")
        connection.execute("INSERT INTO nowhere VALUES (1)")

    with pytest.raises(sqlite3.OperationalError):
        database.write(write)
    assert _numbers(database) == []


def test_later_writes_keep_their_order(database: Database, announced: Announced) -> None:
    """Writes that nobody waits for are written in order, before later ones; their errors are only logged."""
    announced("store.write_failed")
    seen: list[int] = []

    def later(number: int) -> None:
        database.write_later(lambda _: seen.append(number))

    for number in range(5):
        later(number)
    database.write_later(_refuse)
    _insert(database, 1)
    assert list(dict.fromkeys(seen)) == list(range(5))
    assert seen[-5:] == list(range(5))


def test_writer_takes_the_others_while_one_enters(database: Database) -> None:
    """A write that enters just when the writer takes the waiting ones is carried out, too."""
    entering, go_on = threading.Event(), threading.Event()

    class Queue(deque[Any]):
        def append(self, waiting: object) -> None:
            if threading.current_thread() is not threading.main_thread():
                entering.set()
                go_on.wait(60)
            super().append(waiting)

    door = Door(database)
    database._writes._waiting["later"] = Queue()
    first = database.write_later(lambda connection: connection.execute("INSERT INTO numbers VALUES (1)"))
    with ThreadPoolExecutor(1) as threads:
        second = threads.submit(
            database.write_later, lambda connection: connection.execute("INSERT INTO numbers VALUES (2)")
        )
        assert entering.wait(30)
        door.open()
        wait([first], 0.3)  # the writer has it, or waits for who enters
        go_on.set()
        wait([second.result(30)], 30)
    assert _numbers(database) == [1, 2]


def test_errors_in_the_log_name_no_values(database: Database, announced: Announced) -> None:
    """An error of the database does not repeat the values."""
    announced("store.write_failed")
    with pytest.raises(sqlite3.IntegrityError) as caught:
        database.write(lambda connection: connection.execute("INSERT INTO events (payload) VALUES ('secret words')"))
    assert "secret" not in str(caught.value)


def test_stop_commits_what_waits(database: Database) -> None:
    """Stopping writes what is queued; stopping twice does no harm."""
    door = Door(database)
    for number in range(300):
        database.write_later(lambda connection, n=number: connection.execute("INSERT INTO numbers VALUES (?)", (n,)))  # type: ignore[misc]
    door.open()
    database.stop()
    database.stop()
    again = Database(database.path)
    again.start()
    assert _numbers(again) == list(range(300))
    again.stop()


def test_closed(database: Database) -> None:
    """A closed database refuses with our own error."""
    database.stop()
    for use in (lambda: _insert(database, 1), lambda: database.write_later(_refuse), lambda: _numbers(database)):
        with pytest.raises(DatabaseClosedError):
            use()


def test_never_opened(tmp_path: Path) -> None:
    """So does one that was never opened; stopping it does nothing."""
    database = Database(tmp_path / "x.db")
    with pytest.raises(DatabaseClosedError):
        database.read("SELECT 1")
    database.stop()


def test_writes_while_it_closes(tmp_path: Path) -> None:
    """A write while the database closes succeeds or fails, and never waits forever."""

    def write(database: Database, start: threading.Barrier) -> None:
        start.wait(30)
        with contextlib.suppress(DatabaseClosedError):
            for _ in range(5):
                database.write(lambda connection: connection.execute("SELECT 1"))

    for _ in range(30):
        database = Database(tmp_path / "x.db")
        database.start()
        start = threading.Barrier(9)
        # No pool: one that waits for ever would keep the test from ending, too.
        writers = [threading.Thread(target=write, args=(database, start), daemon=True) for _ in range(8)]
        for writer in writers:
            writer.start()
        start.wait(30)
        database.stop()
        for writer in writers:
            writer.join(30)
            assert not writer.is_alive()


def test_database_of_the_future(tmp_path: Path) -> None:
    """A newer program's database is refused with what to do, and not touched."""
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = path.read_bytes()
    database = Database(path)
    with pytest.raises(
        DatabaseTooNewError, match=f"has version {len(MIGRATIONS) + 1}, this program knows {len(MIGRATIONS)}"
    ):
        database.start()
    database.stop()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()
    assert len(path.read_bytes()) >= len(before)


@pytest.mark.parametrize("version", range(len(MIGRATIONS)))
def test_migrations(version: int) -> None:
    """Every older version is migrated to the current one, once."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for script in MIGRATIONS[:version]:
        connection.executescript(script)
    connection.execute(f"PRAGMA user_version = {version}")
    migrate(connection)
    migrate(connection)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"events", "states", "listeners", "requests", "parts"} <= names
    connection.close()


def test_migration_that_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A migration that fails halfway leaves the older version unchanged, and can be tried again."""
    path = tmp_path / "x.db"
    database = Database(path)
    database.start()
    database.stop()
    monkeypatch.setattr(
        "twilio_binding.store.schema.MIGRATIONS", (*MIGRATIONS, "CREATE TABLE extra (x); CREATE TABLE events (x)")
    )
    broken = Database(path)
    with pytest.raises(DatabaseUnusableError):
        broken.start()
    broken.stop()
    monkeypatch.undo()
    again = Database(path)
    again.start()
    assert again.read("SELECT count(*) FROM sqlite_master WHERE name = 'extra'") == [(0,)]
    again.stop()


@contextlib.contextmanager
def _held_by_another(database: Database) -> Iterator[sqlite3.Connection]:
    other = sqlite3.connect(database.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()


def test_another_process_writes(database: Database) -> None:
    """While another process locks the file, a write waits, and succeeds when the lock is released."""
    with _held_by_another(database) as other, ThreadPoolExecutor(1) as pool:
        writing = pool.submit(_insert, database, 7)
        assert _numbers(database) == []
        assert not writing.done()
        other.execute("ROLLBACK")
        assert writing.result(30) == 7


def test_another_process_does_not_let_go(
    database: Database, announced: Announced, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All writes that wait for a file that stays locked fail together, and later ones succeed again."""
    announced("store.write_failed")
    monkeypatch.setattr("twilio_binding.store.database._PATIENCE", 0.1)
    with _held_by_another(database), ThreadPoolExecutor(5) as pool:
        waiting = [pool.submit(_insert, database, number) for number in range(5)]
        assert all(isinstance(each.exception(5), sqlite3.OperationalError) for each in waiting)
    assert _insert(database, 9) == 9
    assert _numbers(database) == [9]


def test_a_short_lock_in_a_hurry(database: Database) -> None:
    """A short lock of another process is waited for, also when the service stops."""
    with _held_by_another(database) as other, ThreadPoolExecutor(1) as pool:
        database.hurry()
        writing = pool.submit(_insert, database, 7)
        assert not wait([writing], 0.1).done
        other.execute("ROLLBACK")
        assert writing.result(30) == 7


def test_phones_that_were_answered_become_channels() -> None:
    """Channels that were waited for before an upgrade are waited for after it, for calls and for keys."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for script in MIGRATIONS[:5]:
        connection.executescript(script)
    connection.execute("PRAGMA user_version = 5")
    connection.execute("INSERT INTO listeners VALUES ('twilio:phone:a:b')")
    migrate(connection)
    found = [channel for (channel,) in connection.execute("SELECT channel FROM listeners ORDER BY channel")]
    assert found == ["twilio:phone:a:b:call-received", "twilio:phone:a:b:dtmf-received"]
    connection.close()


def test_in_a_hurry(database: Database, announced: Announced) -> None:
    """When the service stops, a write waits one more second for a locked file; nothing is stored."""
    announced("store.write_failed")
    with contextlib.closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with ThreadPoolExecutor(2) as pool:
            waiting = [pool.submit(_insert, database, number) for number in range(2)]
            database.hurry()
            errors = [one.exception() for one in waiting]
        assert [type(error) for error in errors] == [sqlite3.OperationalError] * 2
        assert 0.9 < time.monotonic() - began < 4.5
    assert _insert(database, 7) == 7
    assert _numbers(database) == [7]
