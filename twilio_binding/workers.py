"""A limited number of threads that carry out jobs; a job that waits for long gives up its place."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from itertools import count

import structlog

from twilio_binding.clock import left
from twilio_binding.protocol.errors import Refusal

_log = structlog.get_logger(__name__)

Job = Callable[[], None]

_MOST_ASIDE = 100
"""Maximum number of jobs that wait without a place; further jobs keep theirs."""
_own = threading.local()


class Workers:
    """`places` threads, and one more for each job that waits aside. At most `most` jobs wait for a place, 0 for no limit.

    `what` names the jobs in the error when too many wait.
    """

    def __init__(self, places: int, *, most: int = 0, what: str = "requests", most_aside: int = _MOST_ASIDE) -> None:
        self._places = places
        self._most = most
        self._what = what
        self._most_aside = most_aside
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._numbers = count()
        self._aside = 0
        self._stopping = False
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start the threads."""
        with self._lock:
            for _ in range(self._places):
                self._add()

    def put(self, job: Job) -> None:
        """Carry out a job when there is a place; its errors are logged. Raises `Refusal` if too many wait."""
        if self._most and self._jobs.qsize() >= self._most:
            text = f"{self._most} {self._what} are already waiting; try again when some of them are done"
            raise Refusal("busy", text, retryable=True)
        self._jobs.put(job)

    def stop(self, until: float) -> None:
        """Finish queued and running jobs, by a time of the monotonic clock."""
        with self._lock:
            self._stopping = True
            threads = tuple(self._threads)
        for _ in threads:
            self._jobs.put(None)
        for thread in threads:
            thread.join(left(until))

    @contextmanager
    def aside(self) -> Iterator[None]:
        """A context in which another thread has the place of the calling worker, which ends after its job."""
        if self._step_aside():
            _own.is_replaced = True
            try:
                yield
            finally:
                with self._lock:
                    self._aside -= 1
        else:
            yield

    def _step_aside(self) -> bool:
        if getattr(_own, "workers", None) is not self or _own.is_replaced:
            return False  # it has no place: it gave it up before, or it is not our worker
        with self._lock:
            if self._stopping or self._aside >= self._most_aside:
                return False
            self._aside += 1
            self._add()
            return True

    def _add(self) -> None:
        thread = threading.Thread(target=self._work, name=f"act-{next(self._numbers)}", daemon=True)
        self._threads = [*(each for each in self._threads if each.is_alive()), thread]
        thread.start()

    def _work(self) -> None:
        _own.workers, _own.is_replaced = self, False
        while not _own.is_replaced and (job := self._jobs.get()) is not None:
            try:
                job()
            except Exception:
                _log.exception("worker.job_failed")


class Turns:
    """Lets jobs about the same thing take turns: one at a time for each key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: dict[Hashable, tuple[threading.Lock, int]] = {}

    @contextmanager
    def of(self, key: Hashable) -> Iterator[None]:
        """Wait, aside, until no other job has the turn of this key."""
        with self._lock:
            lock, users = self._locks.get(key, (threading.Lock(), 0))
            self._locks[key] = (lock, users + 1)
        try:
            if not lock.acquire(blocking=False):
                with aside():
                    lock.acquire()
            try:
                yield
            finally:
                lock.release()
        finally:
            with self._lock:
                lock, users = self._locks.pop(key)
                if users > 1:
                    self._locks[key] = (lock, users - 1)


@contextmanager
def aside() -> Iterator[None]:
    """Give up the place of the calling worker in this context; on other threads nothing happens."""
    workers: Workers | None = getattr(_own, "workers", None)
    if workers is None:
        yield
    else:
        with workers.aside():
            yield
