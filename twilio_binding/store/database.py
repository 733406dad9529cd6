"""One SQLite file with one writer thread.

Every write is a function that the writer calls inside a transaction. What waits at that moment is committed
together, so that a burst of webhooks costs few disk flushes, and nobody is told before the commit. What is urgent
goes first. The commit is what waits for the disk: it can be carried out elsewhere, so that only its writes wait.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import structlog

from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.store.damage import check, found_aside, is_damage, replace, rescue
from twilio_binding.store.health import Health
from twilio_binding.store.open_files import FilesLostError, OpenFiles
from twilio_binding.store.schema import migrate
from twilio_binding.store.writes import DatabaseClosedError, Waiting, Write, WriteQueue

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")

Carry = Callable[[Callable[[], object]], object]
"""Carries out a function that waits for the disk, and returns when that is done."""
_PATIENCE = 5.0
"""Seconds for which a write waits while another process holds the file."""
_HURRIED = 1.0
"""The same, for all writes together, once there is hurry."""
_LOOK = 0.02
_CLOSING = 10.0
"""Seconds for which the end of the process waits for the disk."""


class DatabaseBusyError(TwilioBindingError):
    """A write is not on disk in time."""

    code = "database_busy"
    retryable = True


class DatabaseUnusableError(TwilioBindingError):
    """The file cannot be opened, mostly because the disk is full or the folder belongs to somebody else."""

    code = "database_unusable"


class Database:
    """The database file `path`. Open it with `start`, close it with `stop`.

    A damaged file is set aside, and what can be read of it is taken into a new one: the service goes on. Where the file
    is not at its path any more, what was stored is written to a new one before anybody is told that it is.
    `commit` carries out the commits, on a thread where waiting for the disk holds up nobody.
    """

    def __init__(self, path: Path, *, commit: Carry = lambda work: work()) -> None:
        self.path = path
        self._carry = commit
        self._writes = WriteQueue()
        self._reading = threading.Lock()
        self._hurried_until: float | None = None
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._files = OpenFiles(path)
        self._health = Health(self.write_later, self._files)
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)

    def start(self) -> None:
        """Open, migrate and serve; raises `DatabaseUnusableError` or `DatabaseTooNewError`."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            replace(self.path)  # what a crash kept from being done
            self._connect_or_replace()
        except (sqlite3.Error, OSError) as error:
            advice = "see whether the disk is full and whose the folder is"
            raise DatabaseUnusableError(f"cannot open {self.path}: {error}; {advice}") from error
        self._writes.open()
        self._thread.start()
        self._health.start()

    @property
    def reason(self) -> str:
        """Why nothing can be stored now; "" when it can."""
        return self._health.reason

    @property
    def set_aside(self) -> list[Path]:
        """Damaged databases that somebody should look at; until then they are kept."""
        return found_aside(self.path)

    def stop(self) -> None:
        """Commit what is queued and close."""
        self._health.stop()
        if not self._writes.close():
            return
        self._thread.join(_CLOSING)
        if self._thread.is_alive():
            _log.error("store.not_closed", reason="the disk does not answer; what still waits for it may be lost")
            return
        with self._reading:
            self._disconnect()

    def hurry(self) -> None:
        """Wait for another process that holds the file a second more, in all: what cannot be written then fails."""
        self._hurried_until = time.monotonic() + _HURRIED

    def write(self, write: Write[_T], *, patience: float | None = None, urgent: bool = False) -> _T:
        """Call `write` in the writer's transaction; returns its result once that is on disk, or raises its error.

        It may be called more than once until it succeeds, each time in a new transaction. After `patience` seconds
        `DatabaseBusyError` is raised; what is written may then be on disk later.
        """
        future = self.enter(write, urgent=urgent)
        try:
            return future.result(patience)
        except TimeoutError:
            if future.done():
                raise
            raise DatabaseBusyError(f"the disk did not take a write within {patience} s") from None

    def enter(self, write: Write[_T], *, urgent: bool = False) -> Future[_T]:
        """Like `write`, without waiting. What is `urgent` goes before all others; among its like the order is kept.

        Callbacks of the future are called by the writer: they must not wait for the database.
        """
        return self._writes.enter(write, "urgent" if urgent else "next")

    def write_later(self, write: Write[_T]) -> Future[_T]:
        """Like `enter`, for what is in no hurry: it shares the commit of the next write that is, if one comes soon."""
        return self._writes.enter(write, "later")

    def read(self, sql: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, as of the last commit."""
        with self._reading:
            if self._reader is None:
                raise DatabaseClosedError("the database is closed")
            try:
                return self._reader.execute(sql, parameters).fetchall()
            except sqlite3.DatabaseError as error:
                if is_damage(error):
                    self.write_later(check)  # the writer finds the damage, too, and does something about it
                raise

    def _connect_or_replace(self) -> None:
        try:
            self._connect()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self._replace()

    def _connect(self) -> sqlite3.Connection:
        writer = self._open()
        try:
            self.path.chmod(0o600)  # message texts are in it
            migrate(writer)
            writer.execute("PRAGMA busy_timeout = 0")  # see _begin
            self._reader = self._open()
        except BaseException:
            writer.close()
            raise
        self._writer = writer
        self._files.note()
        return writer

    def _disconnect(self) -> None:
        for connection in (self._writer, self._reader):
            if connection is not None:
                connection.close()
        self._writer = self._reader = None

    def _replace(self) -> None:
        """Begin with a new file that has what could be read of the damaged one."""
        with self._reading:
            self._disconnect()
            copied = rescue(self.path)
            damaged = replace(self.path)
            self._connect()
        _log.error("store.damaged", set_aside=damaged and damaged.name, rows_copied=copied)

    def _restore(self, lost: FilesLostError) -> None:
        """Begin with a new file that has what the open one had, which nobody finds any more."""
        with self._reading:
            copied = rescue(self.path, self._writer)
            is_ours = self._files.is_ours()
            self._disconnect()
            for suffix in ("", "-wal", "-shm") if is_ours else ():
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
            other = replace(self.path)
            self._connect()
        _log.error("store.lost", reason=str(lost), set_aside=other and other.name, rows_copied=copied)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=5, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # an answered webhook survives a power cut
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _work(self) -> None:
        while group := self._writes.group():
            if not self._commit(group) and not _is_locked(group[0].error):
                # One of them spoilt it for all: each gets a transaction of its own.
                for waiting in group:
                    self._commit([waiting])
            for waiting in group:
                self._health.note(waiting.error)
                waiting.tell()

    def _commit(self, group: Sequence[Waiting[Any]]) -> bool:
        """Carry out writes in one transaction; whether all of them succeeded."""
        try:
            # There is none after a damage that a full disk kept from being mended: now it may be found again.
            writer = self._writer or self._connect()
            self._files.check()
            self._begin(writer)
            for waiting in group:
                waiting.result = waiting.write(writer)
            self._files.check()
            self._carry(lambda: writer.execute("COMMIT"))
            if lost := self._files.lost():
                self._restore(lost)
        except Exception as error:
            self._recover(error)
            for waiting in group:
                waiting.error = error
            return False
        for waiting in group:
            waiting.error = None
        return True

    def _recover(self, error: Exception) -> None:
        """After an error be ready for the next transaction, as far as that is possible."""
        with suppress(sqlite3.Error):
            if self._writer is not None and self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
        try:
            if self._writer is not None and (lost := self._files.lost()):
                self._restore(lost)
            elif is_damage(error):
                self._replace()
        except (sqlite3.Error, OSError) as failure:
            _log.error("store.damaged", error=f"{type(failure).__name__}: {failure}")

    def _begin(self, writer: sqlite3.Connection) -> None:
        """Begin a transaction. While another process writes, wait here: inside SQLite everybody would wait with us."""
        patient_until = time.monotonic() + _PATIENCE
        while True:
            try:
                writer.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                until = min(patient_until, self._hurried_until or patient_until)
                if not _is_locked(error) or time.monotonic() > until:
                    raise
                time.sleep(_LOOK)
            else:
                return


def _is_locked(error: BaseException | None) -> bool:
    return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY
