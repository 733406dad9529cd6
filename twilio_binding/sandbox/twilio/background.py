"""Messages and calls that go on by themselves, each on a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

_PATIENCE = 0.5


class Interruptible(Protocol):
    """A call that is going on."""

    def hang_up(self) -> None:
        """End the call."""

    def go_on_with(self, document: str, url: str) -> None:
        """Replace what it does by a document, or by what an URL answers."""


class Background:
    """Threads that end early when told to stop."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._threads: set[threading.Thread] = set()
        self.calls: dict[str, Interruptible] = {}
        """The calls that are going on, by SID."""

    @property
    def is_over(self) -> bool:
        """Whether everything is to stop."""
        return self._over.is_set()

    def start(self, name: str, run: Callable[[], None]) -> None:
        """Let `run` go on by itself."""

        def go_on() -> None:
            try:
                run()
            finally:
                self._threads.discard(threading.current_thread())

        thread = threading.Thread(target=go_on, name=name, daemon=True)
        self._threads.add(thread)
        thread.start()

    def rest(self, seconds: float) -> bool:
        """Let time pass; False when everything is to stop."""
        return not self._over.wait(seconds)

    def stop(self) -> None:
        """End all of them; a webhook that is being answered is not waited for."""
        self._over.set()
        for call in tuple(self.calls.values()):
            call.hang_up()
        deadline = time.monotonic() + _PATIENCE
        for thread in tuple(self._threads):
            thread.join(max(deadline - time.monotonic(), 0))
