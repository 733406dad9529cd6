"""Builds the admin listener: monitoring, and the pages, which are loaded at the first visit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twilio_binding.accounts.build import AccountUseCases
from twilio_binding.app.on_demand import GroupOnDemand
from twilio_binding.app.stores import Stores
from twilio_binding.console import monitoring
from twilio_binding.console.admin import AdminSite, WSGIApplication
from twilio_binding.console.changes import PageChanges
from twilio_binding.console.host_names import HostNames
from twilio_binding.console.monitoring import Dependencies
from twilio_binding.incoming.delivery import DeliveryLane
from twilio_binding.metrics import Metrics
from twilio_binding.model.things import ThingsSource
from twilio_binding.openhab import OpenHABConnection
from twilio_binding.outgoing.build import OutgoingUseCases
from twilio_binding.outgoing.requests import RequestRouter
from twilio_binding.settings import Settings

if TYPE_CHECKING:
    from twilio_binding.app.alarms import PeopleAndAlarms


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleNeeds:
    """The parts of the service that the console needs."""

    settings: Settings
    stores: Stores
    metrics: Metrics
    things: ThingsSource
    accounts: AccountUseCases
    requests: RequestRouter
    alarms: GroupOnDemand[PeopleAndAlarms]
    outgoing: OutgoingUseCases
    readiness: Callable[[], Dependencies]
    queues: Sequence[DeliveryLane]
    openhab: OpenHABConnection


def build_console(needs: ConsoleNeeds) -> AdminSite:
    """The application of the admin listener."""
    changes = PageChanges(needs.readiness, needs.stores.database)
    admin = needs.settings.admin
    token, names = admin.token.get_secret_value(), HostNames(admin.hosts)

    def pages() -> WSGIApplication:
        from twilio_binding.app.console_pages import build_pages

        return build_pages(needs, changes, names)

    return AdminSite(monitoring.create_app(needs.metrics, needs.readiness, token=token, names=names), pages, changes)
