"""Decides whether a send may go to Twilio: opt-outs and limits.

Sends cost money: each is booked on disk before Twilio is asked, and refused above a limit. STOP is respected: opt-outs are
stored for each pair of numbers.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import get_args

import structlog

from twilio_binding.errors import TwilioError
from twilio_binding.masking import mask_number
from twilio_binding.metrics import Metrics
from twilio_binding.model.limits import Kind, Limits, limits_for
from twilio_binding.model.numbers import doubt
from twilio_binding.model.opt_outs import TWILIO_CODE, Heard, OptOut
from twilio_binding.outgoing.ports import Booking, Ledger, OptOutBook, Withdrawn
from twilio_binding.protocol.errors import Refusal

_log = structlog.get_logger(__name__)

_MOST_KNOWN = 1000
"""Maximum number of remembered numbers, so that each is checked, and logged if it looks wrong, only once."""


class OptOuts:
    """Follows STOP and START, and refuses messages to recipients who opted out. `clock` is in seconds since 1970."""

    def __init__(self, book: OptOutBook, *, clock: Callable[[], float] = time.time) -> None:
        self._book = book
        self._clock = clock

    def check(self, sender: str, recipient: str) -> None:
        """Raise `Refusal` if `recipient` has opted out of messages from `sender`."""
        found = self._book.of(sender, recipient)
        if found is not None and found.holds(self._clock()):
            text = f"{mask_number(recipient)} has opted out of messages from this number; they can opt in again by sending START to it"
            raise Refusal("opted_out", text)

    def refused_by_twilio(self, sender: str, recipient: str) -> None:
        """Note that Twilio reports the recipient's opt-out."""
        self._book.put(sender, recipient, OptOut(self._clock(), by_stop=False))

    def hear(self, fields: Mapping[str, str], said: Heard) -> None:
        """Note what an incoming message says about opting out."""
        ours, theirs = fields.get("To", ""), fields.get("From", "")
        if not ours or not theirs:
            return
        _log.info("opt_out.heard", recipient=mask_number(theirs), said=said)
        self._book.put(ours, theirs, OptOut(self._clock(), by_stop=True) if said == "out" else None)


class Ceilings:
    """Books sends. `clock` is in seconds, and need not show the real time; retry times use the system's clock."""

    def __init__(self, ledger: Ledger, limits: Limits, *, clock: Callable[[], float] = time.time) -> None:
        self._ledger = ledger
        self._limits = {kind: limits_for(kind, limits) for kind in get_args(Kind)}
        self._clock = clock
        self._lock = threading.Lock()
        self._told: dict[tuple[str, str], float] = {}

    def book(self, booking: Booking, asked: float) -> None:
        """Count the send, on disk, and note that Twilio is `asked` now; raises `Refusal` above a limit.

        An earlier booking is not counted again.
        """
        now = self._clock()
        exceeded = self._ledger.ask(booking, self._limits[booking.kind], now=now, asked=asked)
        if exceeded is not None:
            limit, free_at = exceeded
            self._tell(booking, limit.what, free_at, now)
            # In whole seconds, so that the same time is reported each time, although the two clocks are read one after the other.
            ahead = round(time.time() - now)
            raise limit.refusal(free_at + ahead, now + ahead)

    def _tell(self, booking: Booking, what: str, free_at: float, now: float) -> None:
        """Log once each time a limit is reached, because a loop causes many refusals."""
        key = (booking.account, what)
        with self._lock:
            is_known = self._told.get(key, 0.0) > now
            self._told[key] = free_at
        if not is_known:
            _log.warning("send.limit_reached", thing=booking.phone, request_id=booking.request, limit=what)


class Permission:
    """Asked before each send to Twilio. `sender` is our address in Twilio's form."""

    def __init__(
        self,
        *,
        opt_outs: OptOuts,
        ceilings: Ceilings,
        metrics: Metrics,
        is_withdrawn: Withdrawn = lambda _: False,
    ) -> None:
        self.is_withdrawn = is_withdrawn
        """Returns whether the send of an alarm, by request id, is no longer wanted."""
        self._opt_outs = opt_outs
        self._ceilings = ceilings
        self._metrics = metrics
        self._known: set[str] = set()
        self._given_up: set[tuple[str, int | None]] = set()

    def withdraw(self, request_id: str, part: int | None = None) -> None:
        """Send nothing more for a request, unless Twilio was already asked; until the process ends.

        `part` is the number of one recipient, None for all.
        """
        if len(self._given_up) >= _MOST_KNOWN:
            self._given_up.clear()
        self._given_up.add((request_id, part))

    def ask(self, sender: str, booking: Booking, *, is_call: bool, asked: float) -> None:
        """Book the send and note when Twilio is `asked`, on disk; or raise `Refusal`.

        STOP applies neither to calls nor to alarms.
        """
        self._name_doubt(booking.recipient)
        if not self._given_up.isdisjoint(((booking.request, None), (booking.request, booking.part))):
            raise Refusal("withdrawn", "it was dropped in the console")
        if booking.kind == "alarm" and self.is_withdrawn(booking.request):
            raise Refusal("withdrawn", "it is no longer needed")
        try:
            if not is_call and booking.kind != "alarm":
                self._opt_outs.check(sender, booking.recipient)
            self._ceilings.book(booking, asked)
        except Refusal as refusal:
            self._metrics.sends_refused.labels(refusal.code).inc()
            raise

    def taken(self, booking: Booking) -> None:
        """Note that Twilio accepted the send."""
        self._metrics.sends.labels(booking.kind).inc()

    def refused(self, sender: str, recipient: str, error: TwilioError) -> None:
        """Note that Twilio refused the send; after an opt-out, the next one is not tried."""
        if error.code == TWILIO_CODE:
            self._opt_outs.refused_by_twilio(sender, recipient)

    def _name_doubt(self, recipient: str) -> None:
        """Log once that a number looks wrong; only Twilio can tell for sure."""
        if recipient in self._known:
            return
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known.add(recipient)
        if reason := doubt(recipient):
            _log.warning("send.number_doubted", reason=reason)
