"""Builds what the pages of the console read and do, at the first visit."""

from __future__ import annotations

import hashlib
import hmac
import time
from datetime import datetime

from twilio_binding.app.console import ConsoleNeeds
from twilio_binding.app.console_alarms import ConsoleAlarms
from twilio_binding.app.console_items import build_item_desk
from twilio_binding.app.examination import ConsoleDoctor
from twilio_binding.clock import local_now, local_time
from twilio_binding.console.admin import WSGIApplication
from twilio_binding.console.changes import PageChanges
from twilio_binding.console.host_names import HostNames
from twilio_binding.console.pages import create_app
from twilio_binding.console.ports import ConsoleParts, Entrance, History
from twilio_binding.history.calls import Calls
from twilio_binding.history.conversations import Conversations
from twilio_binding.history.figures import FiguresByTime
from twilio_binding.history.undone import UndoneThings
from twilio_binding.model.content_types import Media
from twilio_binding.people.contacts import Contacts
from twilio_binding.store.ended_sessions import SqliteEndedSessions
from twilio_binding.store.past import (
    SqliteInterventions,
    SqlitePastEvents,
    SqlitePastSends,
    SqlitePeers,
    SqliteTallies,
    SqliteUndone,
)
from twilio_binding.twilio_api.clients import Clients
from twilio_binding.twilio_api.costs import TwilioCosts
from twilio_binding.twilio_api.pictures import TwilioPictures
from twilio_binding.twilio_api.sandbox_phone import SandboxPhone

_PATIENCE = 20.0
"""Seconds for which a page waits for a request."""


def build_pages(needs: ConsoleNeeds, changes: PageChanges, names: HostNames) -> WSGIApplication:
    """The pages."""
    stores = needs.stores
    pictures = TwilioPictures(needs.settings.twilio.api_url)

    def changed() -> None:
        stores.journal.counts.clear()
        for queue in needs.queues:
            queue.resume()

    def picture(thing: str, url: str) -> Media:
        things = needs.things.current()
        return pictures.fetch(things.account_of(things.phone(thing)), url)

    parts = ConsoleParts(
        entrance=_entrance(needs, names),
        dependencies=needs.readiness,
        not_stored=lambda: stores.database.reason,
        things=needs.things,
        described=needs.accounts.checks.statuses.describe,
        history=_history(needs),
        contact_of=Contacts(needs.things).of_number,
        ask=lambda request: needs.requests.call(request, timeout=_PATIENCE),
        numbers=needs.accounts.numbers,
        withdraw=needs.outgoing.withdraw,
        interventions=SqliteInterventions(stores.database, clock=stores.timeline.now, changed=changed),
        picture=picture,
        costs=TwilioCosts(Clients(needs.settings.twilio.api_url)).of,
        alarms=ConsoleAlarms(needs.alarms),
        items=build_item_desk(needs.settings, stores, needs.openhab),
        doctor=ConsoleDoctor(needs.settings),
        changes=changes,
        sandbox=SandboxPhone(needs.settings.twilio.api_url),
    )
    return create_app(parts)


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


def _entrance(needs: ConsoleNeeds, names: HostNames) -> Entrance:
    admin = needs.settings.admin
    return Entrance(
        token=admin.token.get_secret_value(),
        names=names,
        ended=SqliteEndedSessions(needs.stores.database, clock=needs.stores.timeline.now),
        secret=hmac.digest(needs.stores.secret.encode(), b"console", hashlib.sha256),
    )
