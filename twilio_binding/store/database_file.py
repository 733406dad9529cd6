"""The database file: opens it, repairs it if it is damaged, and writes it again if it was removed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog

from twilio_binding.store.damage import is_damage, replace, rescue
from twilio_binding.store.errors import DatabaseUnusableError
from twilio_binding.store.open_files import FilesLostError, OpenFiles
from twilio_binding.store.schema import migrate

_log = structlog.get_logger(__name__)


class DatabaseFile:
    """The file `path`, opened twice: `writer` for the writing thread, `reader` for all others in turn.

    Hold `reading` while you use the reader. If the file is damaged, it is set aside, and its readable rows are copied
    to a new one. If it is no longer at its path, so is its content.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reading = threading.Lock()
        self.writer: sqlite3.Connection | None = None
        self.reader: sqlite3.Connection | None = None
        self.files = OpenFiles(path)

    def open(self) -> None:
        """Open and migrate; raises `DatabaseUnusableError` or `DatabaseTooNewError`."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            replace(self.path)  # what a crash interrupted
            try:
                self.connect()
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self._replace()
        except (sqlite3.Error, OSError) as error:
            advice = "check whether the disk is full and who owns the folder"
            raise DatabaseUnusableError(f"cannot open {self.path}: {error}; {advice}") from error

    def close(self, carry_out: Callable[[Callable[[], object]], object]) -> None:
        """Close both connections when nobody reads. `carry_out` carries out what waits for the disk."""
        with self.reading:
            carry_out(self._disconnect)

    def connect(self) -> sqlite3.Connection:
        """Open both connections; returns the writer."""
        writer = self._connection()
        try:
            self.path.chmod(0o600)  # it contains message texts
            migrate(writer)
            writer.execute("PRAGMA busy_timeout = 0")  # the writer's thread waits itself, see Database
            self.reader = self._connection()
        except BaseException:
            writer.close()
            raise
        self.writer = writer
        self.files.note()
        return writer

    def reopen(self) -> sqlite3.Connection:
        """Open what an error has closed, after replacing a damaged file that was already rescued."""
        with self.reading:
            replace(self.path)
            return self.connect()

    def recover(self, error: Exception) -> None:
        """Prepare for the next transaction after one that failed with `error`, if possible."""
        with suppress(sqlite3.Error):
            if self.writer is not None and self.writer.in_transaction:
                self.writer.execute("ROLLBACK")
        try:
            if self.writer is not None and (lost := self.files.lost()):
                self.restore(lost)
            elif is_damage(error):
                self._replace()
        except (sqlite3.Error, OSError) as failure:
            _log.error("store.damaged", error=f"{type(failure).__name__}: {failure}")

    def restore(self, lost: FilesLostError) -> None:
        """Continue with a new file that contains what the open one had, which is no longer at its path."""
        with self.reading:
            copied = rescue(self.path, self.writer)
            is_ours = self.files.is_ours()
            self._disconnect()
            for suffix in ("", "-wal", "-shm") if is_ours else ():
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
            other = replace(self.path)
            self.connect()
        _log.error("store.lost", reason=str(lost), set_aside=other and other.name, rows_copied=copied)

    def _replace(self) -> None:
        """Continue with a new file that contains the readable rows of the damaged one."""
        with self.reading:
            self._disconnect()
            copied = rescue(self.path)
            damaged = replace(self.path)
            self.connect()
        _log.error("store.damaged", set_aside=damaged and damaged.name, rows_copied=copied)

    def _disconnect(self) -> None:
        for connection in (self.writer, self.reader):
            if connection is not None:
                connection.close()
        self.writer = self.reader = None

    def _connection(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=5, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # an answered webhook survives a power cut
        connection.execute("PRAGMA foreign_keys = ON")
        return connection
