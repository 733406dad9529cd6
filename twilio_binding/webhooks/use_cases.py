"""The use cases behind the webhooks."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from twilio_binding.incoming.calls import IncomingCalls
from twilio_binding.incoming.messages import IncomingMessages
from twilio_binding.incoming.status_callbacks import StatusCallbacks
from twilio_binding.media.urls import MediaURLs
from twilio_binding.metrics import Metrics
from twilio_binding.model.things import ThingsSource
from twilio_binding.webhooks.probe import ProbeDesk


class Way(AbstractContextManager[object], Protocol):
    """Limits how many messages are worked on at a time."""

    def first(self) -> AbstractContextManager[object]:
        """A call is worked on: messages wait meanwhile, for a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """The functions that the view calls. `way` limits the number of messages handled at a time, and lets calls go first.

    `probe` answers the doctor, if there is one.
    """

    things: ThingsSource
    messages: IncomingMessages
    calls: IncomingCalls
    statuses: StatusCallbacks
    media: MediaURLs
    metrics: Metrics
    way: Way
    probe: ProbeDesk | None = None
