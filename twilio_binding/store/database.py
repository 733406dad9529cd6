"""One SQLite file with one writer thread.

Every write is a function that the writer calls inside a transaction. What waits at that moment is committed together,
so that a burst of webhooks costs few disk flushes, and nobody is told before the commit. What is urgent goes first. The
commit is what waits for the disk: it can be carried out on another thread, so that only its writes wait.
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
from twilio_binding.store.open_files import FilesLostError

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")

Write = Callable[[sqlite3.Connection], _T]
CarryOut = Callable[[Callable[[], object]], object]
"""Carries out a function that waits for the disk, and returns its result when that is done."""
Haste = Literal["urgent", "next", "later", "idle"]
"""Before all others; in turn; with the next commit, soon; when nothing else is to be written."""

_GROUP = 256
"""Most writes that share a commit."""
_COMPANY = 0.005
"""Seconds for which a write that is in no hurry waits for others to share their commit."""
_IDLE_AT_LAST = 1.0
"""Seconds after which an idle write goes although others wait."""
_PATIENCE = 5.0
"""Seconds for which a write waits while another process holds the file."""
_HURRIED = 1.0
"""The same, for all writes together, once there is hurry."""
_LOOK = 0.02


class _Waiting(Generic[_T]):
    """One write in the queue, and what became of it. One that `is_probe` is tried for nothing but its success."""

    __slots__ = ("error", "future", "is_probe", "result", "since", "write")

    def __init__(self, write: Write[_T], *, is_probe: bool = False) -> None:
        self.write = write
        self.is_probe = is_probe
        self.since = time.monotonic()
        self.future: Future[_T] = Future()
        self.result: _T | None = None
        self.error: Exception | None = None

    def tell(self) -> None:
        """Notify the waiting caller."""
        if self.error is not None:
            if not self.is_probe:
                _log.error("store.write_failed", error=f"{type(self.error).__name__}: {self.error}")
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)  # type: ignore[arg-type]  # set, because there was no error


class _Writes:
    """Writes from any thread, for one writer. Among those of the same haste the order is kept.

    Once there is hurry, `hurried_until` is when none waits for another process any more.
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

    def enter(self, write: Write[_T], haste: Haste, *, is_probe: bool = False) -> Future[_T]:
        """Put a write in the queue; raises `DatabaseClosedError`."""
        waiting = _Waiting(write, is_probe=is_probe)
        with self._lock:
            if not self._is_open:
                raise DatabaseClosedError("the database is closed")
            is_news = haste != "later" or not self._waiting[haste]
            self._waiting[haste].append(waiting)
            if is_news:
                self._arrived.set()
        return waiting.future

    def count(self) -> int:
        """How many wait."""
        return sum(len(queue) for queue in self._waiting.values())

    def group(self) -> list[_Waiting[Any]]:
        """The writes for the next commit, at least one; none after `close`."""
        urgent, following, later, idle = self._waiting.values()
        while not (urgent or following or idle) and self._is_open:
            has_come = self._arrived.wait(_COMPANY if later else None)
            self._arrived.clear()
            if not has_come:
                break
        # Whoever enters a write tells of it by what waits already: that must not be taken away meanwhile.
        with self._lock:
            # What came before the urgent is seen by them.
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

    A damaged file is set aside, and what can be read of it is taken into a new one: the service goes on. Where the file
    is not at its path any more, what was stored is written to a new one before anybody is told that it is.
    `commit` carries out the commits, on a thread where waiting for the disk holds up nobody.
    """

    def __init__(self, path: Path, *, commit: CarryOut = lambda work: work()) -> None:
        self.path = path
        self._carry_out = commit
        self._writes = _Writes()
        self._file = DatabaseFile(path)
        self.watching: set[threading.Event] = set()
        """Are set after each commit that stores something."""
        self.commits = 0
        """How often something was stored since the start."""
        self._health = Health(partial(self._writes.enter, haste="later", is_probe=True), self._file.files)
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)

    def start(self) -> None:
        """Open, migrate and serve; raises `DatabaseUnusableError` or `DatabaseTooNewError`."""
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
        """Damaged databases that somebody should look at; until then they are kept."""
        return found_aside(self.path)

    def stop(self, until: float = inf) -> None:
        """Commit what is queued and close."""
        was_open = self._writes.close()
        self._health.stop(until)
        if not was_open:
            return
        self._thread.join(left(until))
        if self._thread.is_alive():
            _log.error("store.not_closed", reason="the disk does not respond; pending writes may be lost")

    def hurry(self) -> None:
        """Wait for another process that holds the file a second more, in all: what cannot be written then fails."""
        self._writes.hurried_until = time.monotonic() + _HURRIED

    def write(self, write: Write[_T], *, patience: float | None = None, haste: Haste = "next") -> _T:
        """Call `write` in the writer's transaction; returns its result once that is on disk, or raises its error.

        It may be called more than once until it succeeds, each time in a new transaction. After `patience` seconds
        `DatabaseBusyError` is raised; what is written may then be on disk later.
        """
        future = self.enter(write, haste=haste)
        try:
            return future.result(patience)
        except TimeoutError:
            if future.done():
                raise
            raise DatabaseBusyError(f"the disk did not complete a write within {patience} s") from None

    def enter(self, write: Write[_T], *, haste: Haste = "next") -> Future[_T]:
        """Like `write`, without waiting. Among those of the same haste the order is kept.

        Callbacks of the future are called by the writer: they must not wait for the database.
        """
        return self._writes.enter(write, haste)

    def write_later(self, write: Write[_T]) -> Future[_T]:
        """Like `enter`, for what is in no hurry: it shares the commit of the next write that is, if one comes soon."""
        return self._writes.enter(write, "later")

    def read(self, sql: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, as of the last commit."""
        with self._file.reading:
            if self._file.reader is None:
                raise DatabaseClosedError("the database is closed")
            try:
                return self._file.reader.execute(sql, parameters).fetchall()
            except sqlite3.DatabaseError as error:
                if is_damage(error):
                    self.write_later(check)  # the writer finds the damage, too, and does something about it
                raise

    def _work(self) -> None:
        while group := self._writes.group():
            if not self._commit(group) and not _is_locked(group[0].error):
                # One of them spoilt it for all: each gets a transaction of its own.
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
        """Carry out writes in one transaction; whether all of them succeeded."""
        file = self._file
        try:
            # There is no writer after damage or a loss that could not be mended: now it may be possible.
            writer = file.writer or file.reopen()
            # Before anything changes, because a rollback, and a rescue after it, need the content of the lost file.
            file.files.check()
            _begin(writer, self._writes)
            for waiting in group:
                waiting.result = waiting.write(writer)
            lost = self._carry_out(partial(file.files.commit, writer))
            if isinstance(lost, FilesLostError):
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
    """Begin a transaction. While another process writes, wait here: inside SQLite everybody would wait with us."""
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
