"""One SQLite file with one writer thread.

Every write is a function that the writer calls inside a transaction. What waits at that moment is committed
together, so that a burst of webhooks costs few disk flushes, and nobody is told before the commit.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import structlog

from twilio_binding.errors import TwilioBindingError
from twilio_binding.store.schema import migrate

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")

Write = Callable[[sqlite3.Connection], _T]
_GROUP = 256
"""Most writes that share a commit."""


class DatabaseClosedError(TwilioBindingError):
    """The database is closed or was never opened."""

    code = "database_closed"
    retryable = True


class Database:
    """The database file `path`; "" keeps it in memory. Open it with `start`, close it with `stop`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._queue: queue.SimpleQueue[tuple[Write[Any], Future[Any] | None] | None] = queue.SimpleQueue()
        self._reading = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)

    def start(self) -> None:
        """Open, migrate and serve; raises `sqlite3.Error` or `DatabaseTooNewError`."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = self._open()
        self.path.chmod(0o600)  # message texts are in it
        migrate(self._writer)
        self._reader = self._open()
        self._thread.start()

    def stop(self) -> None:
        """Commit what is queued and close."""
        if self._writer is None or self._reader is None:
            return
        self._queue.put(None)
        self._thread.join(30)
        with self._reading:
            self._reader.close()
        self._writer.close()
        self._writer = self._reader = None

    def write(self, write: Write[_T]) -> _T:
        """Call `write` in the writer's transaction; returns its result once that is on disk, or raises its error."""
        future: Future[_T] = Future()
        self._put(write, future)
        return future.result()

    def write_later(self, write: Write[object]) -> None:
        """Like `write`, for what nobody waits for; order among all writes is kept, errors are logged."""
        self._put(write, None)

    def read(self, sql: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, as of the last commit."""
        with self._reading:
            if self._reader is None:
                raise DatabaseClosedError("the database is closed")
            return self._reader.execute(sql, parameters).fetchall()

    def _put(self, write: Write[Any], future: Future[Any] | None) -> None:
        if self._writer is None:
            raise DatabaseClosedError("the database is closed")
        self._queue.put((write, future))

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=5, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # an answered webhook survives a power cut
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _work(self) -> None:
        while (group := self._group()) is not None:
            self._commit(group)

    def _group(self) -> list[tuple[Write[Any], Future[Any] | None]] | None:
        first = self._queue.get()
        if first is None:
            return None
        group = [first]
        while len(group) < _GROUP:
            try:
                entry = self._queue.get_nowait()
            except queue.Empty:
                break
            if entry is None:
                self._queue.put(None)
                break
            group.append(entry)
        return group

    def _commit(self, group: list[tuple[Write[Any], Future[Any] | None]]) -> None:
        assert self._writer is not None  # noqa: S101 - only the running thread comes here
        results: list[tuple[Future[Any] | None, Any, BaseException | None]] = []
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for write, future in group:
                results.append((future, *self._one(self._writer, write)))
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            _log.error("store.commit_failed", error=str(error), writes=len(group))
            results = [(future, None, error) for _, future in group]
        for future, result, failure in results:
            if future is None:
                continue
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(failure)

    def _one(self, connection: sqlite3.Connection, write: Write[_T]) -> tuple[_T | None, BaseException | None]:
        """One write of a group; an error of its own undoes only itself."""
        connection.execute("SAVEPOINT one")
        try:
            result = write(connection)
        except Exception as error:
            if not connection.in_transaction:
                raise  # disk full and the like roll the whole transaction back
            connection.execute("ROLLBACK TO one")
            connection.execute("RELEASE one")
            if not isinstance(error, sqlite3.Error):
                _log.exception("store.write_failed")
            return None, error
        connection.execute("RELEASE one")
        return result, None
