"""What the views call."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

from twilio_binding.flows.call_in import CallIn
from twilio_binding.flows.media import MediaURLs
from twilio_binding.flows.message_in import MessageIn
from twilio_binding.flows.ports import ThingsSource
from twilio_binding.flows.status_in import StatusIn
from twilio_binding.metrics import Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """The flows behind the webhooks. `gate` limits how many messages are worked on at a time: calls find the way free."""

    things: ThingsSource
    messages: MessageIn
    calls: CallIn
    statuses: StatusIn
    media: MediaURLs
    metrics: Metrics
    gate: AbstractContextManager[object]
