"""Tells one run of openHAB from the next, by how long it has run and how long there was no connection."""

from __future__ import annotations

import time
from collections.abc import Callable

_LONG = 300.0
"""Seconds after which an openHAB is no longer one that has just started."""
_LATE = 30.0
"""Seconds after which a connection that broke is known to be lost, at the latest."""


class RunsOfOpenHAB:
    """Judges each connection once. `number` changes where openHAB may have started anew since the last connection."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lost_at: float | None = None
        self._is_judged = False
        self.number = 0

    def opened(self) -> None:
        """Handle a connection."""
        self._is_judged = False

    def lost(self) -> None:
        """Handle a lost connection."""
        self._lost_at = self._clock()

    def is_young(self, uptime: float | None) -> bool:
        """Whether openHAB may have started since it was connected before; where it was not, whether it has just started."""
        return uptime is not None and uptime <= min(_LONG, self._away() + _LATE)

    def judge(self, uptime: float | None, *, saw_start: bool) -> None:
        """Note how long the openHAB that is connected has run."""
        if not self._is_judged:
            self._is_judged = True
            has_run_on = uptime is not None and uptime > self._away() + _LATE and not saw_start
            self.number += not has_run_on

    def _away(self) -> float:
        return float("inf") if self._lost_at is None else self._clock() - self._lost_at
