"""How often alarms call a number, and how much they send: carriers block who calls too often, and each send costs money."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import structlog

from twilio_binding.model.limits import DAY, HOUR

_log = structlog.get_logger(__name__)


class Pacing:
    """Counts the sends of alarms. `most_per_day` is for all of them together, 0 for any number; `clock` is in seconds."""

    def __init__(self, most_per_day: int, clock: Callable[[], float]) -> None:
        self._most = most_per_day
        self._clock = clock
        self._sends: deque[float] = deque()
        self._calls: dict[str, deque[float]] = {}
        self._has_warned = False

    def note(self, number: str, at: float, *, is_call: bool) -> None:
        """Somebody was told."""
        self._sends.append(at)
        if is_call:
            self._calls.setdefault(number, deque()).append(at)

    def hindrance(self, number: str, most_calls: int, *, is_call: bool) -> str:
        """Why a number is not told now; "" where it may be. Warns when half of a day's sends are used up."""
        now = self._clock()
        while self._sends and self._sends[0] <= now - DAY:
            self._sends.popleft()
        used = len(self._sends)
        if self._most and used * 2 >= self._most and not self._has_warned:
            _log.warning("alarm.many_sends", sends=used, most=self._most, setting="[limits] alarm_sends_per_day")
        self._has_warned = bool(self._most) and used * 2 >= self._most
        if self._most and used >= self._most:
            return f"{self._most} sends of alarms within a day are the ceiling ([limits] alarm_sends_per_day)"
        calls = self._calls.get(number, deque())
        while calls and calls[0] <= now - HOUR:
            calls.popleft()
        if is_call and len(calls) >= most_calls:
            return f"called {len(calls)} times within the hour already (maxPerHour); carriers block who calls more"
        return ""
