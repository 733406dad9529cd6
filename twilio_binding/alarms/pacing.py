"""Limits how often alarms call a number and how much they send: carriers block frequent callers, and each send costs money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from twilio_binding.model.limits import DAY, HOUR

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PacedSend:
    """A counted send: `id` is that of its attempt, `at` is when it began."""

    id: str
    number: str
    at: float
    is_call: bool


class Pacing:
    """Counts the sends of alarms, each id once. `most_per_day` limits all of them together, 0 for no limit; `clock` is in seconds."""

    def __init__(self, most_per_day: int, clock: Callable[[], float]) -> None:
        self._most = most_per_day
        self._clock = clock
        self._sends: dict[str, PacedSend] = {}
        self._has_warned = False

    def note(self, send: PacedSend) -> None:
        """Count a send."""
        self._sends[send.id] = send

    def forget(self, send_id: str) -> None:
        """Stop counting a send that was withdrawn before Twilio was asked."""
        self._sends.pop(send_id, None)

    def hindrance(self, send: PacedSend, most_calls: int) -> str:
        """Why somebody cannot be notified now, "" if they can. Logs a warning when half of the daily limit is used."""
        now = self._clock()
        self._sends = {one.id: one for one in self._sends.values() if one.at > now - DAY}
        others = [one for one in self._sends.values() if one.id != send.id]
        is_half = bool(self._most) and len(others) * 2 >= self._most
        if is_half and not self._has_warned:
            _log.warning("alarm.many_sends", sends=len(others), most=self._most, setting="[limits] alarm_sends_per_day")
        self._has_warned = is_half
        if self._most and len(others) >= self._most:
            return f"the limit of {self._most} alarm sends per day is reached ([limits] alarm_sends_per_day)"
        calls = sum(one.is_call and one.number == send.number and one.at > now - HOUR for one in others)
        if send.is_call and calls >= most_calls:
            return (
                f"called {calls} times within the hour already (maxPerHour); carriers block numbers that call too often"
            )
        return ""
