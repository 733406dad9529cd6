"""Whether a send may go to Twilio: who opted out, what was sent already, and who is told of it."""

from __future__ import annotations

import structlog

from twilio_binding.errors import TwilioError
from twilio_binding.metrics import Metrics
from twilio_binding.model.numbers import doubt
from twilio_binding.model.opt_outs import TWILIO_CODE
from twilio_binding.outgoing.ceilings import Ceilings
from twilio_binding.outgoing.opt_outs import OptOuts
from twilio_binding.outgoing.ports import Booking, Withdrawn
from twilio_binding.protocol.errors import Refusal

_log = structlog.get_logger(__name__)

_MOST_KNOWN = 1000
"""Numbers that are remembered, so that each is looked at, and logged where it is doubtful, once."""


class Permission:
    """Asked before each time that Twilio is asked to send. `sender` is our address as Twilio writes it."""

    def __init__(
        self,
        *,
        opt_outs: OptOuts,
        ceilings: Ceilings,
        metrics: Metrics,
        is_withdrawn: Withdrawn = lambda _: False,
    ) -> None:
        self._is_withdrawn = is_withdrawn
        self._opt_outs = opt_outs
        self._ceilings = ceilings
        self._metrics = metrics
        self._known: set[str] = set()

    def ask(self, sender: str, booking: Booking, *, is_call: bool, asked: float) -> None:
        """Book the send and note when Twilio is `asked`, on disk; or raise `Refusal`.

        STOP concerns neither calls nor alarms.
        """
        self._name_doubt(booking.recipient)
        if self._is_withdrawn(booking.request):
            raise Refusal("withdrawn", "it is not wanted any more")
        try:
            if not is_call and booking.kind != "alarm":
                self._opt_outs.check(sender, booking.recipient)
            self._ceilings.book(booking, asked)
        except Refusal as refusal:
            self._metrics.sends_refused.labels(refusal.code).inc()
            raise

    def taken(self, booking: Booking) -> None:
        """Twilio took the send."""
        self._metrics.sends.labels(booking.kind).inc()

    def refused(self, sender: str, recipient: str, error: TwilioError) -> None:
        """Twilio refused the send; the next one to who opted out is not tried."""
        if error.code == TWILIO_CODE:
            self._opt_outs.refused_by_twilio(sender, recipient)

    def _name_doubt(self, recipient: str) -> None:
        """Log once that a number looks wrong; only Twilio knows whether it is."""
        if recipient in self._known:
            return
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known.add(recipient)
        if reason := doubt(recipient):
            _log.warning("send.number_doubted", reason=reason)
