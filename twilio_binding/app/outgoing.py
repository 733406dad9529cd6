"""Builds sends to Twilio."""

from __future__ import annotations

from twilio_binding.app.stores import Stores
from twilio_binding.metrics import Metrics
from twilio_binding.model.limits import Limits
from twilio_binding.model.things import ThingsSource
from twilio_binding.outgoing.build import OutgoingUseCases, SendStores, build_outgoing
from twilio_binding.outgoing.ports import Withdrawn
from twilio_binding.settings import LimitsSettings, Settings
from twilio_binding.store import SqliteOptOuts
from twilio_binding.twilio_api import Clients, TwilioGateway


def build_sends(
    settings: Settings,
    stores: Stores,
    things: ThingsSource,
    clients: Clients,
    *,
    metrics: Metrics,
    is_withdrawn: Withdrawn,
) -> OutgoingUseCases:
    """Sends with their limits, not started yet."""
    return build_outgoing(
        things,
        TwilioGateway(clients),
        SendStores(
            outbox=stores.outbox,
            opt_outs=SqliteOptOuts(stores.database),
            clock=stores.timeline.now,
            is_withdrawn=is_withdrawn,
        ),
        limits=_limits(settings.limits),
        metrics=metrics,
    )


def _limits(settings: LimitsSettings) -> Limits:
    given = settings.model_dump(
        exclude={"alarm_sends_per_day", "loop_minutes", "incoming_per_sender", "incoming_per_number"}
    )
    return Limits(**given, loop_seconds=settings.loop_minutes * 60)
