"""Whether the database can be written: according to the last write, and to test writes now and then."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable

import structlog

from twilio_binding.clock import left
from twilio_binding.store.open_files import OpenFiles

_log = structlog.get_logger(__name__)

_LOOK = 1.0
"""Seconds between checks of the files, and between tries while writes fail."""
_QUIET = 5.0
"""Seconds without a write after which a test write is made."""
_MUCH = 65536
"""Bytes that a test write needs while writes fail; a disk with room for only a few bytes is still full."""

Probe = Callable[[sqlite3.Connection], None]


class Health:
    """Knows why the database cannot be written; `probe` makes a test write. A lost file is found without one."""

    def __init__(self, probe: Callable[[Probe], object], files: OpenFiles) -> None:
        self.reason = ""
        self._probe = probe
        self._files = files
        self.last_write = time.monotonic()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="store-health", daemon=True)

    def start(self) -> None:
        """Start watching."""
        self._thread.start()

    def stop(self, until: float) -> None:
        """Stop watching."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(left(until, 5))

    def note(self, error: Exception | None) -> None:
        """Note that a write succeeded, or failed with `error`."""
        self.last_write = time.monotonic()
        if error is None:
            reason = ""
        elif isinstance(error, OSError | sqlite3.DatabaseError) and not isinstance(error, sqlite3.IntegrityError):
            reason = f"nothing can be stored: {error}"
        else:
            return  # the error of one write, which does not concern the others
        if reason != self.reason:
            self.reason = reason
            _log.info("store.not_ready", reason=reason) if reason else _log.info("store.ready")

    def _watch(self) -> None:
        while not self._stopping.wait(_LOOK):
            if self.reason or self._files.lost() or time.monotonic() - self.last_write > _QUIET:
                self.last_write = time.monotonic()
                try:
                    self._probe(_much if self.reason else _little)
                except Exception:
                    return  # the database is closed


def _much(connection: sqlite3.Connection) -> None:
    connection.execute("REPLACE INTO probe VALUES (1, zeroblob(?))", (_MUCH,))


def _little(connection: sqlite3.Connection) -> None:
    connection.execute("REPLACE INTO probe VALUES (1, zeroblob(0))")
