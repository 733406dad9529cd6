"""The doctor on request of the console, one examination at a time, and what the last one found."""

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
    """Tests every link, and remembers what was found until the process ends."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._last: Examined | None = None

    def last(self) -> Examined | None:
        """When the last examination ended, and what it found; None before the first."""
        return self._last

    def examine(self) -> None:
        """Test every link; who asks meanwhile waits for the examination that is under way."""
        if not self._lock.acquire(blocking=False):
            with self._lock:
                return
        try:
            from twilio_binding.doctor import Wishes, run

            found = run(self._settings, Wishes(calling=RealThread()))
            self._last = (local_now(), [result.shown() for result in found])
        finally:
            self._lock.release()
