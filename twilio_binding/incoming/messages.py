"""Handles texts, pictures and WhatsApp messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from twilio_binding.incoming.offers import Offers, answer_of
from twilio_binding.incoming.ports import Journal, OptOutListener
from twilio_binding.incoming.rates import IncomingRates
from twilio_binding.model import opt_outs, payloads, twiml
from twilio_binding.model.events import Webhook, message_event
from twilio_binding.model.things import Phone


class IncomingMessages:
    """Stores a message with its deliveries, then answers; `lifetime` is in seconds."""

    def __init__(
        self,
        journal: Journal,
        *,
        opt_out_listener: OptOutListener,
        offers: Offers,
        rates: IncomingRates,
        now: Callable[[], datetime],
        lifetime: float,
    ) -> None:
        self._journal = journal
        self._opt_outs = opt_out_listener
        self._offers = offers
        self._rates = rates
        self._now = now
        self._lifetime = lifetime

    def receive(self, webhook: Webhook, phone: Phone) -> tuple[str, bool]:
        """The answer for Twilio, and whether the message is new."""
        self._offers.ready_for(webhook, phone)
        event, taken = message_event(webhook, self._now(), lifetime=self._lifetime), None
        said = opt_outs.heard(webhook.fields)
        if (said or self._offers.messages) and not self._journal.knows(event):
            if said:
                # Before it is stored, so that a crash between the two loses nothing. An old START counts once.
                self._opt_outs.hear(webhook.fields, said)
            taken = self._offers.message(webhook, phone)
        if taken is not None:
            event = replace(event, payload=payloads.message(webhook.fields, handled_by=taken.handled_by))
        ticket = self._rates.take(webhook, event)
        new, limited = False, bool(ticket.limited)
        try:
            recorded = self._journal.record(event, also=self._offers.events(webhook, taken), limited=limited)
            new = recorded.new
        finally:
            if not new:
                self._rates.give_back(ticket, event)
        if new and not limited:
            self._offers.stored(webhook)
        if taken is None or (taken.answer is not None and (limited or not new)):
            return recorded.answer or twiml.EMPTY, new
        answer = answer_of(taken, webhook, twiml.EMPTY)
        if new:
            self._journal.answered(recorded.id, answer, by=taken.by)
        return answer, new
