"""One SQLite file with one writer thread.

Every write is a function that the writer calls inside a transaction. All waiting writes are committed together, so that
a burst of webhooks costs few disk flushes, and callers continue only after the commit. Urgent writes go first. Only the
commit waits for the disk: it can be carried out on another thread, so that only its writes wait.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from math import inf
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import structlog

from twilio_binding.clock import left
from twilio_binding.store.damage import check, found_aside, is_damage
from twilio_binding.store.database_file import DatabaseFile
from twilio_binding.store.errors import DatabaseBusyError, DatabaseClosedError
from twilio_binding.store.health import Health

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")

Write = Callable[[sqlite3.Connection], _T]
CarryOut = Callable[[Callable[[], object]], object]
"""Carries out a function that waits for the disk, and returns its result."""
Haste = Literal["urgent", "next", "later", "idle"]
"""Before all others; in order; soon, with the next commit; when there are no other writes."""

_GROUP = 256
"""Maximum number of writes that share a commit."""
_COMPANY = 0.02
"""Seconds for which a write without haste waits for others to share its commit."""
_IDLE_AT_LAST = 1.0
"""Seconds after which an idle write is carried out although others wait."""
_PATIENCE = 5.0
"""Seconds for which a write waits while another process locks the file."""
_HURRIED = 1.0
"""The same, for all writes together, when the service stops."""
_LOOK = 0.02


class _Waiting(Generic[_T]):
    """A write in the queue, with its outcome, which is final when it is `done`. If it `is_probe`, only its success matters.

    A caller that waits needs no `future`, which would take longer than the write itself.
    """

    __slots__ = ("done", "error", "future", "is_probe", "result", "since", "write")

    def __init__(self, write: Write[_T], future: Future[_T] | None = None, *, is_probe: bool = False) -> None:
        self.write = write
        self.is_probe = is_probe
        self.since = time.monotonic()
        self.future = future
        self.done = threading.Event()
        self.result: _T | None = None
        self.error: Exception | None = None

    def outcome(self) -> _T:
        """The result, or raises the error."""
        if self.error is not None:
            raise self.error
        return self.result  # type: ignore[return-value]  # set, because there was no error

    def tell(self) -> None:
        """Notify the waiting caller."""
        if self.error is not None and not self.is_probe:
            _log.error("store.write_failed", error=f"{type(self.error).__name__}: {self.error}")
        self.done.set()
        if self.future is not None and self.error is not None:
            self.future.set_exception(self.error)
        elif self.future is not None:
            self.future.set_result(self.outcome())


class _Writes:
    """Writes from any thread for one writer, in order among those with the same haste.

    After `hurry`, no write waits for another process beyond `hurried_until`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._arrived = threading.Event()
        self._waiting: dict[Haste, deque[_Waiting[Any]]] = {
            "urgent": deque(),
            "next": deque(),
            "later": deque(),
            "idle": deque(),
        }
        self._is_open = False
        self.hurried_until: float | None = None

    def open(self) -> None:
        """Accept writes."""
        self._is_open = True

    def close(self) -> bool:
        """Accept no more writes; returns whether it was open."""
        with self._lock:
            was_open, self._is_open = self._is_open, False
            self._arrived.set()
        return was_open

    def enter(self, waiting: _Waiting[Any], haste: Haste) -> None:
        """Add a write to the queue; raises `DatabaseClosedError`."""
        with self._lock:
            if not self._is_open:
                raise DatabaseClosedError("the database is closed")
            is_news = haste != "later" or not self._waiting[haste]
            self._waiting[haste].append(waiting)
            if is_news:
                self._arrived.set()

    def count(self) -> int:
        """The number of waiting writes."""
        return sum(len(queue) for queue in self._waiting.values())

    def group(self) -> list[_Waiting[Any]]:
        """The writes for the next commit, at least one; none after `close`."""
        urgent, following, later, idle = self._waiting.values()
        while not (urgent or following or idle) and self._is_open:
            has_come = self._arrived.wait(_COMPANY if later else None)
            self._arrived.clear()
            if not has_come:
                break
        # A caller that adds a write relies on those that already wait, so none may be removed meanwhile.
        with self._lock:
            # Earlier writes are visible to urgent ones.
            group = [later.popleft() for _ in range(len(later))]
            is_idle = not (urgent or following)
            for _ in range(_GROUP):
                if not (queue := urgent or following):
                    break
                group.append(queue.popleft())
            if idle and (is_idle or time.monotonic() - idle[0].since > _IDLE_AT_LAST):
                group.append(idle.popleft())
        return group


class Database:
    """The database file `path`. Open it with `start`, close it with `stop`.

    If the file is damaged, it is set aside, and its readable rows are copied to a new one, so that the service
    continues. If the file is no longer at its path, its content is written to a new one before any write is confirmed.
    `commit` carries out commits, on a thread on which waiting for the disk blocks nothing else.
    """

    def __init__(self, path: Path, *, commit: CarryOut = lambda work: work()) -> None:
        self.path = path
        self._carry_out = commit
        self._writes = _Writes()
        self._file = DatabaseFile(path)
        self.watching: set[threading.Event] = set()
        """Set after each commit that stores something."""
        self.commits = 0
        """Number of commits since the start."""
        self._health = Health(
            lambda probe: self._writes.enter(_Waiting(probe, is_probe=True), "later"), self._file.files
        )
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)

    def start(self) -> None:
        """Open, migrate and accept writes; raises `DatabaseUnusableError` or `DatabaseTooNewError`."""
        self._file.open()
        self._writes.open()
        self._thread.start()
        self._health.start()

    @property
    def reason(self) -> str:
        """Why nothing can be stored; "" if it can."""
        return self._health.reason

    @property
    def set_aside(self) -> list[Path]:
        """Damaged databases that are kept until somebody looks at them."""
        return found_aside(self.path)

    def stop(self, until: float = inf) -> None:
        """Commit queued writes, and close."""
        was_open = self._writes.close()
        self._health.stop(until)
        if not was_open:
            return
        self._thread.join(left(until))
        if self._thread.is_alive():
            _log.error("store.not_closed", reason="the disk does not respond; pending writes may be lost")

    def hurry(self) -> None:
        """Wait at most one more second, in total, for another process that locks the file; later writes fail."""
        self._writes.hurried_until = time.monotonic() + _HURRIED

    def write(self, write: Write[_T], *, patience: float | None = None, haste: Haste = "next") -> _T:
        """Call `write` in a transaction; returns its result when it is on disk, or raises its error.

        It may be called several times until it succeeds, each time in a new transaction. Raises `DatabaseBusyError`
        after `patience` seconds; the write may be on disk later.
        """
        waiting = _Waiting(write)
        self._writes.enter(waiting, haste)
        if not waiting.done.wait(patience):
            raise DatabaseBusyError(f"the disk did not complete a write within {patience} s")
        return waiting.outcome()

    def enter(self, write: Write[_T], *, haste: Haste = "next") -> Future[_T]:
        """Like `write`, without waiting. The order is kept among writes with the same haste.

        Callbacks of the future are called by the writer, and must not wait for the database.
        """
        future: Future[_T] = Future()
        self._writes.enter(_Waiting(write, future), haste)
        return future

    def write_later(self, write: Write[_T]) -> Future[_T]:
        """Like `enter`, for writes without haste: they share the commit of the next write, if one arrives soon."""
        return self.enter(write, haste="later")

    def read(self, sql: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, as of the last commit."""
        with self._file.reading:
            if self._file.reader is None:
                raise DatabaseClosedError("the database is closed")
            try:
                return self._file.reader.execute(sql, parameters).fetchall()
            except sqlite3.DatabaseError as error:
                if is_damage(error):
                    self.write_later(check)  # the writer also finds the damage, and repairs it
                raise

    def _work(self) -> None:
        while group := self._writes.group():
            if not self._commit(group) and not _is_locked(group[0].error):
                # One of them failed the transaction for all, so each gets its own.
                for waiting in group:
                    self._commit([waiting])
            self._health.last_write = time.monotonic()
            for waiting in group:
                if waiting.error is not None or self._health.reason:
                    self._health.note(waiting.error)
                waiting.tell()
            if not all(waiting.is_probe for waiting in group):
                self.commits += 1
                for watcher in tuple(self.watching):
                    watcher.set()
        self._file.close(self._carry_out)

    def _commit(self, group: Sequence[_Waiting[Any]]) -> bool:
        """Carry out writes in one transaction; returns whether all succeeded."""
        file = self._file
        try:
            # After damage or a loss that could not be repaired, there is no writer; now the repair may succeed.
            writer = file.writer or file.reopen()
            # Before anything changes, because a rollback, and a rescue after it, need the content of the lost file.
            file.files.check()
            _begin(writer, self._writes)
            for waiting in group:
                waiting.result = waiting.write(writer)
            file.files.check()
            # Nothing else on that thread: while this one is busy, it waits for Python's lock after each call of the system.
            self._carry_out(partial(writer.execute, "COMMIT"))
            if lost := file.files.lost():
                file.restore(lost)
        except Exception as error:
            file.recover(error)
            for waiting in group:
                waiting.error = error
            return False
        for waiting in group:
            waiting.error = None
        return True


def _begin(writer: sqlite3.Connection, writes: _Writes) -> None:
    """Begin a transaction. While another process writes, wait here: inside SQLite, all threads would wait."""
    patient_until = time.monotonic() + _PATIENCE
    while True:
        try:
            writer.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            until = min(patient_until, writes.hurried_until or patient_until)
            if not _is_locked(error) or time.monotonic() > until:
                raise
            time.sleep(_LOOK)
        else:
            return


def _is_locked(error: BaseException | None) -> bool:
    return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY
