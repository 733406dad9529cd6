"""The composition of the console: what its pages read and do."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from twilio_binding.accounts.build import AccountUseCases
from twilio_binding.alarms.alarms import Alarms
from twilio_binding.app.examination import ConsoleDoctor
from twilio_binding.app.stores import Stores
from twilio_binding.clock import local_now, local_time
from twilio_binding.console import monitoring
from twilio_binding.console.admin import AdminSite
from twilio_binding.console.changes import PageChanges
from twilio_binding.console.ports import ConsoleParts, Dependencies, Entrance, History
from twilio_binding.history.calls import Calls
from twilio_binding.history.conversations import Conversations
from twilio_binding.history.figures import FiguresByTime
from twilio_binding.history.undone import UndoneThings
from twilio_binding.incoming.delivery import DeliveryLane
from twilio_binding.metrics import Metrics
from twilio_binding.model.content_types import Media
from twilio_binding.model.things import ThingsSource
from twilio_binding.outgoing.build import OutgoingUseCases
from twilio_binding.outgoing.requests import RequestRouter
from twilio_binding.people.contacts import Contacts
from twilio_binding.settings import Settings
from twilio_binding.store import (
    SqliteInterventions,
    SqlitePastEvents,
    SqlitePastSends,
    SqlitePeers,
    SqliteTallies,
    SqliteUndone,
)
from twilio_binding.twilio_api import SandboxPhone, TwilioPictures

_PATIENCE = 20.0
"""Seconds for which a page waits for what it asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleNeeds:
    """What the rest of the service gives the console."""

    settings: Settings
    stores: Stores
    metrics: Metrics
    things: ThingsSource
    accounts: AccountUseCases
    requests: RequestRouter
    alarms: Alarms
    outgoing: OutgoingUseCases
    readiness: Callable[[], Dependencies]
    queues: Sequence[DeliveryLane]


def build_console(needs: ConsoleNeeds) -> AdminSite:
    """What the admin listener serves."""
    stores = needs.stores
    contacts = Contacts(needs.things)
    pictures = TwilioPictures(needs.settings.twilio.api_url)

    changes = PageChanges(needs.readiness)
    stores.database.committed.subscribe(changes.tell)

    def changed() -> None:
        stores.journal.counts.clear()
        for queue in needs.queues:
            queue.resume()

    def name_of(number: str, thing: str) -> str:
        contact = contacts.of_number(number, thing)
        return contact.label if contact else ""

    def picture(thing: str, url: str) -> Media:
        things = needs.things.current()
        return pictures.fetch(things.account_of(things.phone(thing)), url)

    parts = ConsoleParts(
        entrance=_entrance(needs),
        dependencies=needs.readiness,
        things=needs.things,
        described=needs.accounts.checks.statuses.describe,
        history=_history(needs),
        name_of=name_of,
        ask=lambda request: needs.requests.call(request, timeout=_PATIENCE),
        numbers=needs.accounts.numbers,
        withdraw=needs.outgoing.withdraw,
        interventions=SqliteInterventions(stores.database, clock=stores.timeline.now, changed=changed),
        picture=picture,
        alarms=needs.alarms,
        doctor=ConsoleDoctor(needs.settings),
        changes=changes,
        sandbox=SandboxPhone(needs.settings.twilio.api_url),
    )
    return AdminSite(monitoring.create_app(needs.metrics, needs.readiness, token=parts.entrance.token), parts)


def _history(needs: ConsoleNeeds) -> History:
    database, timeline = needs.stores.database, needs.stores.timeline
    events, sends = SqlitePastEvents(database), SqlitePastSends(database)

    def wall(moment: float) -> datetime:
        return local_time(moment + time.time() - timeline.now())

    def reason_of(lane: str) -> str:
        return str(needs.readiness()[lane].get("reason", ""))

    return History(
        figures=FiguresByTime(SqliteTallies(database), now=local_now),
        conversations=Conversations(SqlitePeers(database), events, sends, wall=wall),
        calls=Calls(events, sends, wall=wall),
        undone=UndoneThings(SqliteUndone(database), reason_of=reason_of, wall=wall),
    )


def _entrance(needs: ConsoleNeeds) -> Entrance:
    admin = needs.settings.admin
    return Entrance(
        token=admin.token.get_secret_value(),
        hosts=frozenset(name.lower() for name in admin.hosts),
        secret=hmac.digest(needs.stores.secret.encode(), b"console", hashlib.sha256),
    )
