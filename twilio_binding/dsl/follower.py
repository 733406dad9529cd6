"""Follows the `.things` files while they change."""

from __future__ import annotations

import threading
from math import inf

import structlog

from twilio_binding.clock import left
from twilio_binding.dsl.source import ThingsFiles

_log = structlog.get_logger(__name__)

_LOOK = 0.5
"""Seconds between checks of the files; content that two checks find unchanged is taken over."""


class ThingsFollower:
    """Checks the files again and again on its own thread."""

    def __init__(self, files: ThingsFiles) -> None:
        self._files = files
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="things-files", daemon=True)

    def start(self) -> None:
        """Start following the files."""
        self._thread.start()

    def reload(self) -> None:
        """Read all files again soon. Does not wait, because signal handlers call it."""
        self._wake.set()

    def stop(self, until: float = inf) -> None:
        """Stop following the files."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(left(until, 5))

    def _run(self) -> None:
        while True:
            woken = self._wake.wait(_LOOK)
            if woken:  # else a wish that came as the wait ended would be cleared, too
                self._wake.clear()
            if self._stopping.is_set():
                return
            try:
                self._files.load(anew=True) if woken else self._files.look()
            except Exception:
                _log.exception("things.failed")
