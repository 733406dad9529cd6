"""The thread for work in the background."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from openhab_twilio.java.jvm import attempt

_ENDING = 5.0
"""Seconds for which `stop` waits for the running job."""


class Worker:
    """Runs jobs one after the other, and `chore` when it starts and every `seconds`. Errors of jobs are logged."""

    def __init__(self, chore: Callable[[], object], seconds: float) -> None:
        self._chore = chore
        self._seconds = seconds
        self._jobs: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="twilio-script", daemon=True)

    @property
    def has_started(self) -> bool:
        """Whether `start` was called."""
        return self._thread.ident is not None

    def start(self) -> None:
        """Start."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the waiting jobs; returns within some seconds, immediately on the worker's own thread."""
        self._jobs.put(None)
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(_ENDING)

    def put(self, job: Callable[[], object]) -> None:
        """Run a job soon."""
        self._jobs.put(job)

    def finish(self, job: Callable[[], object], seconds: float) -> None:
        """Run a job, and return when it is done, or after so many seconds."""
        done = threading.Event()
        self._jobs.put(job)
        self._jobs.put(done.set)
        done.wait(seconds)

    def _run(self) -> None:
        job: Callable[[], object] | None = self._chore
        due = time.monotonic() + self._seconds
        while job is not None:
            attempt("a job of the Twilio script", job)
            try:
                job = self._jobs.get(timeout=max(0.01, due - time.monotonic()))
            except queue.Empty:
                job = self._chore
                due = time.monotonic() + self._seconds
