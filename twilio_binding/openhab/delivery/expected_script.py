"""Whether openHAB has the script, even if it is not running yet: after a start of openHAB, the service waits for the script.

A rule in Rules DSL that runs before the script has registered Twilio's actions fails, and openHAB remembers that for half
a minute. So if openHAB had the script before, no trigger fires through the relay rule until the script is back, or a time
limit has passed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import structlog

_log = structlog.get_logger(__name__)

START = 90.0
"""Seconds after the start of openHAB's process in which the script starts, on most machines."""
_AFTER_RULES = 30.0
"""Seconds after the start of the rule engine in which it starts, even on slow machines."""
_GONE = 30.0
"""Seconds without a script, while openHAB keeps running, after which it was removed. A reload takes less."""


class ExpectedScript:
    """Remembers in a file that openHAB has the script. `clock` is monotonic, in seconds."""

    def __init__(self, file: Path | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = file
        self._clock = clock
        self.is_expected = file is not None and file.exists()
        self._left_at: float | None = None
        self._opened_at = self._rules_at = clock()
        self._saw_start = False

    @property
    def saw_start(self) -> bool:
        """Whether openHAB was starting when the connection was opened."""
        return self._saw_start

    def came(self) -> None:
        """Note that the script answers."""
        self._left_at = None
        self._expect(expected=True)

    def left(self) -> None:
        """Note that the script has left: it is being reloaded, was removed, or openHAB stops."""
        if self._left_at is None:
            self._left_at = self._clock()

    def openhab_lost(self) -> None:
        """Note a lost connection: if the script left just before, openHAB stopped."""
        self.note_removed()
        self._left_at = None

    def openhab_opened(self) -> None:
        """Note a connection to openHAB."""
        self._opened_at = self._rules_at = self._clock()
        self._saw_start = False

    def openhab_starts(self) -> None:
        """Note that openHAB's rule engine is not running yet."""
        self._saw_start = True
        self._rules_at = self._clock()

    def note_removed(self) -> None:
        """Stop expecting a script that left while openHAB kept running."""
        if self._left_at is not None and self._clock() - self._left_at >= _GONE:
            self._left_at = None
            self._expect(expected=False)

    def is_worth_waiting(self, uptime: float | None) -> bool:
        """Whether the script is likely to start soon in an openHAB that has run for `uptime` seconds; if not, it is no longer expected."""
        if not self.is_expected:
            return False
        now = self._clock()
        is_young = (now - self._opened_at if uptime is None else uptime) < START
        if is_young or (self._saw_start and now - self._rules_at < _AFTER_RULES):
            return True
        _log.info("script.not_there", reason="openHAB runs without it; events go through the relay rule")
        self._expect(expected=False)
        return False

    def _expect(self, *, expected: bool) -> None:
        if expected == self.is_expected:
            return
        self.is_expected = expected
        if self._file is None:
            return
        try:
            if expected:
                self._file.touch()
            else:
                self._file.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("script.not_remembered", file=self._file.name, reason=error.strerror or type(error).__name__)
