"""A text, picture or WhatsApp message comes in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from twilio_binding.incoming.ports import Journal, OptOutListener
from twilio_binding.incoming.rates import IncomingRates
from twilio_binding.model import twiml
from twilio_binding.model.events import Webhook, message_event


class IncomingMessages:
    """Stores a message with its deliveries, then answers; `lifetime` is in seconds."""

    def __init__(
        self,
        journal: Journal,
        *,
        opt_outs: OptOutListener,
        rates: IncomingRates,
        now: Callable[[], datetime],
        lifetime: float,
    ) -> None:
        self._journal = journal
        self._opt_outs = opt_outs
        self._rates = rates
        self._now = now
        self._lifetime = lifetime

    def receive(self, webhook: Webhook) -> tuple[str, bool]:
        """The answer for Twilio, and whether the message is new."""
        event = message_event(webhook, self._now(), lifetime=self._lifetime)
        if not self._journal.knows(event):
            # Before it is stored: a crash in between loses nothing. An old START counts once.
            self._opt_outs.hear(webhook.fields)
        ticket = self._rates.take(webhook, event)
        new = False
        try:
            new = self._journal.record(event, limited=bool(ticket.limited)).new
        finally:
            if not new:
                self._rates.give_back(ticket, event)
        return twiml.EMPTY, new
