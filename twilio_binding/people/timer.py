"""The thread for due work: texts after quiet hours, and defaults of questions."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from twilio_binding.clock import left

_log = structlog.get_logger(__name__)

Look = Callable[[], float | None]
"""Does what is due, and returns when the next work is due, None for never."""

_LONGEST = 60.0
"""Seconds after which it checks without a reason, because the wall clock may have been set, which moves quiet hours."""
_SHORTEST = 0.05


class Timer:
    """Runs checks whenever something is due. `clock` is in seconds and never jumps."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._looks: tuple[Look, ...] = ()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="people-due", daemon=True)

    def do(self, *looks: Look) -> None:
        """Run these checks, in this order."""
        self._looks = looks

    def start(self) -> None:
        """Start."""
        self._thread.start()

    def wake(self) -> None:
        """Notify that something may be due earlier."""
        self._wake.set()

    def stop(self, until: float) -> None:
        """Stop, by a time of the monotonic clock."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(left(until))

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            moments = [moment for look in self._looks if (moment := self._do(look)) is not None]
            pause = min((moment - self._clock() for moment in moments), default=_LONGEST)
            self._wake.wait(min(max(pause, _SHORTEST), _LONGEST))

    def _do(self, look: Look) -> float | None:
        try:
            return look()
        except Exception:
            if not self._stopping.is_set():
                _log.exception("people.look_failed")
            return None
