"""One thread that makes all decisions about alarms in order, and knows what is due."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from heapq import heappop, heappush
from itertools import count
from typing import TypeVar

import structlog

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")

_PATIENCE = 12.0
"""Seconds for which a caller waits for a decision; Twilio waits for 15."""
_LONGEST = 60.0
_AGAIN = 1.0
"""Seconds until something that failed is retried; mostly the disk is full."""


class Engine:
    """Runs jobs in order, and does what is due."""

    def __init__(self) -> None:
        self._first: Callable[[], None] = lambda: None
        self._work: Callable[[], float] = lambda: _LONGEST
        self._jobs: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._thread = threading.Thread(target=self._run, name="alarms", daemon=True)

    def start(self, first: Callable[[], None], work: Callable[[], float]) -> None:
        """Start with the job `first`; `work` does what is due, and returns the seconds until the next due time."""
        self._first, self._work = first, work
        self._thread.start()

    def stop(self, until: float) -> None:
        """Stop after the pending jobs, by a time of the monotonic clock; the rest continues after the next start."""
        self._jobs.put(None)
        if self._thread.ident is not None:
            self._thread.join(max(0.0, until - time.monotonic()))

    def tell(self, job: Callable[[], object]) -> None:
        """Run a job soon."""
        self._jobs.put(job)

    def ask(self, question: Callable[[], _T]) -> _T:
        """Run a job and return its result; raises the job's error, or TimeoutError."""
        if threading.current_thread() is self._thread:
            return question()
        future: Future[_T] = Future()

        def answer() -> None:
            try:
                future.set_result(question())
            except BaseException as error:  # the caller gets the error
                future.set_exception(error)

        self._jobs.put(answer)
        return future.result(_PATIENCE)

    def ask_stored(self, change: Callable[[], Future[object]]) -> None:
        """Run a job that changes something, and wait until the change is on disk; raises its error, or TimeoutError."""
        self.ask(change).result(_PATIENCE)

    def later(self, seconds: float, job: Callable[[], None]) -> None:
        """Run a job after a delay; only to be called by jobs."""
        heappush(self._later, (time.monotonic() + seconds, next(self._numbers), job))

    def _run(self) -> None:
        pause = 0.0
        self._do(self._first)
        while True:
            try:
                job = self._jobs.get(timeout=max(0.0, min(pause, self._until_later())))
            except queue.Empty:
                pass
            else:
                if job is None:
                    return
                self._do(job)
            while self._until_later() <= 0:
                self._do(heappop(self._later)[2])
            try:
                pause = min(self._work(), _LONGEST)
            except Exception:
                _log.exception("alarm.work_failed")
                pause = _AGAIN

    def _until_later(self) -> float:
        return self._later[0][0] - time.monotonic() if self._later else _LONGEST

    def _do(self, job: Callable[[], object]) -> None:
        try:
            job()
        except Exception:
            _log.exception("alarm.job_failed")
