"""What waits to be written, in the order in which the writer takes it."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, Literal, TypeVar

import structlog

from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.store.health import is_probe

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")

Write = Callable[[sqlite3.Connection], _T]
Haste = Literal["urgent", "next", "later"]

_GROUP = 256
"""Most writes that share a commit."""
_COMPANY = 0.005
"""Seconds for which a write that is in no hurry waits for others to share their commit."""


class DatabaseClosedError(TwilioBindingError):
    """The database is closed or was never opened."""

    code = "database_closed"
    retryable = True


class Waiting(Generic[_T]):
    """One write in the queue, and what became of it."""

    __slots__ = ("error", "future", "result", "write")

    def __init__(self, write: Write[_T]) -> None:
        self.write = write
        self.future: Future[_T] = Future()
        self.result: _T | None = None
        self.error: Exception | None = None

    def tell(self) -> None:
        """Tell whoever waits for it."""
        if self.error is not None:
            if not is_probe(self.write):
                _log.error("store.write_failed", error=f"{type(self.error).__name__}: {self.error}")
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)  # type: ignore[arg-type]  # set, because there was no error


class WriteQueue:
    """Writes from any thread, for one writer. Among those of the same haste the order is kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._arrived = threading.Event()
        self._waiting: dict[Haste, deque[Waiting[Any]]] = {"urgent": deque(), "next": deque(), "later": deque()}
        self._is_open = False

    def open(self) -> None:
        """Let writes enter."""
        self._is_open = True

    def close(self) -> bool:
        """Let none enter any more; whether it was open."""
        with self._lock:
            was_open, self._is_open = self._is_open, False
            self._arrived.set()
        return was_open

    def enter(self, write: Write[_T], haste: Haste) -> Future[_T]:
        """Put a write in the queue; raises `DatabaseClosedError`."""
        waiting = Waiting(write)
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

    def group(self) -> list[Waiting[Any]]:
        """What is to share a commit now, at least one write; nothing when it is time to end."""
        urgent, following, later = self._waiting.values()
        while not (urgent or following) and self._is_open:
            has_come = self._arrived.wait(_COMPANY if later else None)
            self._arrived.clear()
            if not has_come:
                break
        # What came before the urgent is seen by them.
        group = [later.popleft() for _ in range(len(later))]
        for _ in range(_GROUP):
            if not (queue := urgent or following):
                break
            group.append(queue.popleft())
        return group
