"""Handles Twilio's status callbacks for messages and calls."""

from __future__ import annotations

from twilio_binding.incoming.held_calls import HeldCalls
from twilio_binding.incoming.offers import Offers
from twilio_binding.incoming.ports import Journal
from twilio_binding.model.call_statuses import FINAL
from twilio_binding.model.events import Webhook, status_event


class StatusCallbacks:
    """Stores status callbacks; the end of a call releases its held requests."""

    def __init__(self, journal: Journal, held: HeldCalls, offers: Offers, *, lifetime: float) -> None:
        self._journal = journal
        self._held = held
        self._offers = offers
        self._lifetime = lifetime

    def receive(self, webhook: Webhook) -> bool:
        """Handle a callback; returns whether it is new. A callback about something unknown has no effect."""
        if self._offers.status(webhook):
            return True
        event = status_event(webhook, lifetime=self._lifetime)
        if event is None:
            return False
        if event.call_sid and webhook.fields.get("CallStatus") in FINAL:
            self._held.hang_up(thing=webhook.thing, call_sid=event.call_sid)
        new = self._journal.record(event, also=self._offers.events(webhook)).new
        if new:
            self._offers.stored(webhook)
        return new
