"""Sends cost money: each is booked on disk before Twilio is asked, and refused above a limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import get_args

import structlog

from twilio_binding.model.limits import Kind, Limits, limits_for
from twilio_binding.outgoing.ports import Booking, Ledger

_log = structlog.get_logger(__name__)


class Ceilings:
    """Books sends. `clock` is in seconds and need not show the right time; retry times are told by the system's."""

    def __init__(self, ledger: Ledger, limits: Limits, *, clock: Callable[[], float] = time.time) -> None:
        self._ledger = ledger
        self._limits = {kind: limits_for(kind, limits) for kind in get_args(Kind)}
        self._clock = clock
        self._lock = threading.Lock()
        self._told: dict[tuple[str, str], float] = {}

    def book(self, booking: Booking, asked: float) -> None:
        """Count the send, on disk, and note that Twilio is `asked` now; raises `Refusal` above a limit.

        A booking that was made before is not counted again.
        """
        now = self._clock()
        exceeded = self._ledger.ask(booking, self._limits[booking.kind], now=now, asked=asked)
        if exceeded is not None:
            limit, free_at = exceeded
            self._tell(booking, limit.what, free_at, now)
            # In whole seconds: the two clocks are read one after the other, and the same moment is told each time.
            ahead = round(time.time() - now)
            raise limit.refusal(free_at + ahead, now + ahead)

    def _tell(self, booking: Booking, what: str, free_at: float, now: float) -> None:
        """Log once for each time that a limit is reached: in a loop of alarms there are many refusals."""
        key = (booking.account, what)
        with self._lock:
            is_known = self._told.get(key, 0.0) > now
            self._told[key] = free_at
        if not is_known:
            _log.warning("send.limit_reached", thing=booking.phone, request_id=booking.request, limit=what)
