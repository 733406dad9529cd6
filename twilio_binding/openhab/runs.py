"""Distinguishes runs of openHAB, by its uptime and the time without a connection."""

from __future__ import annotations

import time
from collections.abc import Callable

_LONG = 300.0
"""Seconds of uptime up to which openHAB counts as just started."""
_LATE = 30.0
"""Maximum seconds until a broken connection is noticed."""
_SAME = 3.0
"""Maximum difference between two computed times of the same start; openHAB takes longer than this to start again."""


class RunsOfOpenHAB:
    """Judges each connection once. `number` changes if openHAB may have restarted since the last connection."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lost_at: float | None = None
        self._is_judged = False
        self._began: float | None = None
        self._began_before: float | None = None
        """When openHAB started, as computed from its uptime during this connection and during the last one."""
        self.number = 0

    def opened(self) -> None:
        """Handle a connection."""
        self._is_judged = False

    def lost(self) -> None:
        """Handle a lost connection."""
        self._lost_at = self._clock()
        if self._began is not None:
            self._began_before, self._began = self._began, None

    def is_young(self, uptime: float | None) -> bool:
        """Whether openHAB may have started since the last connection; without an earlier one, whether it has just started."""
        return uptime is not None and uptime <= min(_LONG, self._away() + _LATE) and not self._is_known(uptime)

    def judge(self, uptime: float | None, *, saw_start: bool) -> None:
        """Note the uptime of the connected openHAB."""
        if not self._is_judged:
            self._is_judged = True
            is_old = uptime is not None and (uptime > self._away() + _LATE or self._is_known(uptime))
            self.number += saw_start or not is_old
            self._began = None if uptime is None else self._clock() - uptime

    def _is_known(self, uptime: float) -> bool:
        """Whether the last connection was to an openHAB that started at the same time."""
        before = self._began_before
        return before is not None and abs(self._clock() - uptime - before) <= _SAME

    def _away(self) -> float:
        return float("inf") if self._lost_at is None else self._clock() - self._lost_at
