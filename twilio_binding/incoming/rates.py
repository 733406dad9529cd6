"""Limits incoming events, so that senders cannot flood openHAB or fill the journal.

The `limits` library does not fit: it uses the system's clock, which may be set at any time; it cannot take a hit back, or
count towards two limits or none at once; and it runs a timer thread to bound its memory.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import structlog

from twilio_binding.masking import mask_number
from twilio_binding.metrics import Metrics
from twilio_binding.model.events import Event, Webhook

_log = structlog.get_logger(__name__)

_SPAN = 60.0
_LONGEST_SENDER = 100
_REMEMBERED = 10_000
"""Maximum counted events of a phone if the phone itself has no limit."""

By = Literal["", "sender", "number"]


@dataclass(slots=True, eq=False)
class Ticket:
    """A counted event. `limited` names the limit that it exceeds, "" for none."""

    sender: str
    key: str
    at: float
    limited: By = ""


class _Window:
    """Events of one kind at one phone within the last minute."""

    def __init__(self) -> None:
        self.tickets: deque[Ticket] = deque()
        self.by_sender: Counter[str] = Counter()
        self.keys: set[str] = set()
        self.told: dict[str, float] = {}

    def add(self, ticket: Ticket) -> None:
        self.tickets.append(ticket)
        self.by_sender[ticket.sender] += 1
        if ticket.key:
            self.keys.add(ticket.key)
        if len(self.tickets) > _REMEMBERED:
            self.remove(self.tickets[0])

    def remove(self, ticket: Ticket) -> None:
        self.tickets.remove(ticket)
        self.by_sender[ticket.sender] -= 1
        if not self.by_sender[ticket.sender]:
            del self.by_sender[ticket.sender]
        self.keys.discard(ticket.key)

    def forget(self, before: float) -> None:
        while self.tickets and self.tickets[0].at <= before:
            self.remove(self.tickets[0])
        self.told = {what: at for what, at in self.told.items() if at > before}


class IncomingRates:
    """Counts events by phone and sender; calls apart from messages. 0 means no limit, `clock` is in monotonic seconds.

    Events over a limit do not count, so the next event takes effect within a minute after a flood.
    """

    def __init__(
        self, *, per_sender: int, per_number: int, metrics: Metrics, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_sender = per_sender
        self._per_number = per_number
        self._metrics = metrics
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, bool], _Window] = {}

    def take(self, webhook: Webhook, event: Event) -> Ticket:
        """Count an event; a copy of a counted event is not counted again."""
        ticket = Ticket(
            webhook.fields.get("From", "")[:_LONGEST_SENDER], event.token_key or event.sid_key, self._clock()
        )
        if not (self._per_sender or self._per_number):
            return ticket
        with self._lock:
            window = self._windows.setdefault((event.thing, event.urgent), _Window())
            window.forget(ticket.at - _SPAN)
            if ticket.key in window.keys:
                return ticket
            ticket.limited = self._limit(window, ticket.sender)
            if not ticket.limited:
                window.add(ticket)
                return ticket
            what = ticket.sender if ticket.limited == "sender" else ""
            is_told = what in window.told
            window.told.setdefault(what, ticket.at)
        self._metrics.webhooks_limited.labels(webhook.endpoint, ticket.limited).inc()
        if not is_told:
            _log.warning("webhook.limited", thing=event.thing, by=ticket.limited, sender=mask_number(ticket.sender))
        return ticket

    def give_back(self, ticket: Ticket, event: Event) -> None:
        """Do not count the event: it is a copy, or could not be stored."""
        with self._lock:
            window = self._windows.get((event.thing, event.urgent))
            if window is not None and any(each is ticket for each in window.tickets):
                window.remove(ticket)

    def _limit(self, window: _Window, sender: str) -> By:
        if self._per_sender and window.by_sender[sender] >= self._per_sender:
            return "sender"
        if self._per_number and len(window.tickets) >= self._per_number:
            return "number"
        return ""
