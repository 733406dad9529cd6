"""Threads for messages and calls in progress."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

_PATIENCE = 0.5


class Interruptible(Protocol):
    """A call in progress."""

    def hang_up(self) -> None:
        """End the call."""

    def go_on_with(self, document: str, url: str) -> None:
        """Continue with a TwiML document, or with the answer of a URL."""


class Background:
    """Threads that `stop` ends early."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._threads: set[threading.Thread] = set()
        self.calls: dict[str, Interruptible] = {}
        """The calls that are going on, by SID."""

    @property
    def is_over(self) -> bool:
        """Whether `stop` was called."""
        return self._over.is_set()

    def start(self, name: str, run: Callable[[], None]) -> None:
        """Run `run` on a new thread."""

        def go_on() -> None:
            try:
                run()
            finally:
                self._threads.discard(threading.current_thread())

        thread = threading.Thread(target=go_on, name=name, daemon=True)
        self._threads.add(thread)
        thread.start()

    def rest(self, seconds: float) -> bool:
        """Wait for so many seconds. Returns False as soon as `stop` is called."""
        return not self._over.wait(seconds)

    def stop(self) -> None:
        """End all threads. Does not wait for the answer to a webhook."""
        self._over.set()
        for call in tuple(self.calls.values()):
            call.hang_up()
        deadline = time.monotonic() + _PATIENCE
        for thread in tuple(self._threads):
            thread.join(max(deadline - time.monotonic(), 0))
