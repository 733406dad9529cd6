"""Wires the use cases for incoming webhooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from twilio_binding.incoming.answers import CallAnswers
from twilio_binding.incoming.calls import IncomingCalls
from twilio_binding.incoming.held_calls import HeldCalls
from twilio_binding.incoming.messages import IncomingMessages
from twilio_binding.incoming.offers import Offers
from twilio_binding.incoming.ports import Journal, Listeners, OptOutListener
from twilio_binding.incoming.rates import IncomingRates
from twilio_binding.incoming.status_callbacks import StatusCallbacks
from twilio_binding.metrics import Metrics
from twilio_binding.model.things import ThingsSource


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingParts:
    """The parts that incoming webhooks need. `lifetime` is the maximum age of a message's trigger, in seconds."""

    things: ThingsSource
    journal: Journal
    held: HeldCalls
    listeners: Listeners
    rates: IncomingRates
    opt_outs: OptOutListener
    metrics: Metrics
    now: Callable[[], datetime]
    lifetime: float
    offers: Offers = field(default_factory=Offers)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingUseCases:
    """Use cases by kind of webhook, and the answers of rules to calls."""

    messages: IncomingMessages
    calls: IncomingCalls
    statuses: StatusCallbacks
    answers: CallAnswers


def build_incoming(parts: IncomingParts) -> IncomingUseCases:
    """The use cases behind the webhooks."""
    return IncomingUseCases(
        messages=IncomingMessages(
            parts.journal,
            opt_out_listener=parts.opt_outs,
            offers=parts.offers,
            rates=parts.rates,
            now=parts.now,
            lifetime=parts.lifetime,
        ),
        calls=IncomingCalls(
            journal=parts.journal,
            held=parts.held,
            listeners=parts.listeners,
            offers=parts.offers,
            rates=parts.rates,
            metrics=parts.metrics,
            now=parts.now,
        ),
        statuses=StatusCallbacks(parts.journal, parts.held, parts.offers, lifetime=parts.lifetime),
        answers=CallAnswers(parts.things, parts.held, parts.listeners, parts.metrics),
    )
