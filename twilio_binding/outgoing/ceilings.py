"""Sends cost money: each is booked on disk before Twilio is asked, and refused above a limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from twilio_binding.model.limits import Limits, limits_for
from twilio_binding.outgoing.ports import Booking, Ledger

_log = structlog.get_logger(__name__)


class Ceilings:
    """Books sends. `clock` is in seconds, and need not be right for that: who is refused is told by ours."""

    def __init__(self, ledger: Ledger, limits: Limits, *, clock: Callable[[], float] = time.time) -> None:
        self._ledger = ledger
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._told: dict[tuple[str, str], float] = {}

    def book(self, booking: Booking) -> None:
        """Count the send, on disk; raises `Refusal` where that would be above a limit. Again for the same: no effect."""
        now = self._clock()
        exceeded = self._ledger.book(booking, limits_for(booking.kind, self._limits), now)
        if exceeded is not None:
            limit, free_at = exceeded
            self._tell(booking, limit.what, free_at, now)
            # In whole seconds: the two clocks are read one after the other, and the same moment is told each time.
            ahead = round(time.time() - now)
            raise limit.refusal(free_at + ahead, now + ahead)

    def release(self, booking: Booking) -> None:
        """Twilio did not take the send: it does not count."""
        self._ledger.release(booking)

    def _tell(self, booking: Booking, what: str, free_at: float, now: float) -> None:
        """Once for each time that a limit is reached: in a loop of alarms there are many refusals."""
        key = (booking.account, what)
        with self._lock:
            is_known = self._told.get(key, 0.0) > now
            self._told[key] = free_at
        if not is_known:
            _log.warning("send.limit_reached", thing=booking.phone, request_id=booking.request, limit=what)
