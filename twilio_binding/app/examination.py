"""The doctor for the console: one examination at a time, and the last result."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from twilio_binding.clock import local_now
from twilio_binding.settings import Settings
from twilio_binding.webhooks.server import RealThread

Examined = tuple[datetime, Sequence[dict[str, Any]]]


class ConsoleDoctor:
    """Tests every link, and keeps the result until the process ends."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._last: Examined | None = None

    def last(self) -> Examined | None:
        """Time and result of the last examination; None before the first."""
        return self._last

    def examine(self) -> None:
        """Test every link; other callers wait for the examination in progress."""
        if not self._lock.acquire(blocking=False):
            with self._lock:
                return
        try:
            from twilio_binding.doctor import Wishes, run

            found = run(self._settings, Wishes(calling=RealThread()))
            self._last = (local_now(), [result.shown() for result in found])
        finally:
            self._lock.release()
