"""Whether a send may go to Twilio: who opted out, what was sent already, and who is told of it."""

from __future__ import annotations

from twilio_binding.flows.ceilings import Ceilings
from twilio_binding.flows.opt_outs import OptOuts
from twilio_binding.flows.ports import Booking, TwilioError
from twilio_binding.metrics import Metrics
from twilio_binding.model.opt_outs import TWILIO_CODE
from twilio_binding.protocol import Refusal


class Permission:
    """Asked once for each recipient, before Twilio is. `sender` is our address as Twilio writes it."""

    def __init__(self, *, opt_outs: OptOuts, ceilings: Ceilings, metrics: Metrics) -> None:
        self._opt_outs = opt_outs
        self._ceilings = ceilings
        self._metrics = metrics

    def ask(self, sender: str, booking: Booking, *, is_call: bool) -> None:
        """Book the send, or raise `Refusal`; a call is nothing that STOP is about."""
        try:
            if not is_call:
                self._opt_outs.check(sender, booking.recipient)
            self._ceilings.book(booking)
        except Refusal as refusal:
            self._metrics.sends_refused.labels(refusal.code).inc()
            raise

    def taken(self, booking: Booking) -> None:
        """Twilio took the send."""
        self._metrics.sends.labels(booking.kind).inc()

    def refused(self, sender: str, booking: Booking, error: TwilioError) -> None:
        """Twilio did not take the send: it does not count."""
        self._ceilings.release(booking)
        if error.code == TWILIO_CODE:
            self._opt_outs.refused_by_twilio(sender, booking.recipient)
