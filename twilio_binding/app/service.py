"""Builds the service, starts it in order, and stops it in reverse."""

from __future__ import annotations

import socket
import time
from secrets import token_hex

import structlog

from twilio_binding import webhooks
from twilio_binding.accounts.build import AccountNews, build_accounts
from twilio_binding.app.configuration import Configuration
from twilio_binding.app.console import ConsoleNeeds, build_console
from twilio_binding.app.housekeeping import Housekeeping
from twilio_binding.app.media import build_media
from twilio_binding.app.optional import AlarmRuns, OptionalGroups
from twilio_binding.app.outgoing import build_sends
from twilio_binding.app.queues import build_queues
from twilio_binding.app.readiness import entry, openhab_entry, set_aside_entry, store_entry, things_entry, twilio_entry
from twilio_binding.app.routes import routes
from twilio_binding.app.stores import Stores
from twilio_binding.app.surroundings import Surroundings
from twilio_binding.clock import local_now
from twilio_binding.incoming.build import IncomingParts, IncomingUseCases, build_incoming
from twilio_binding.incoming.held_calls import HeldCalls
from twilio_binding.incoming.listeners import KnownListeners
from twilio_binding.incoming.offers import Offers
from twilio_binding.incoming.rates import IncomingRates
from twilio_binding.media.requests import MediaRequests
from twilio_binding.metrics import Metrics
from twilio_binding.mqtt import Exchange, ServiceClaim
from twilio_binding.openhab import OpenHABConnection, ScriptInstallation
from twilio_binding.outgoing.requests import RequestRouter
from twilio_binding.protocol.topics import Topics
from twilio_binding.settings import Settings, split_address
from twilio_binding.store import (
    SqliteAnsweredChannels,
    SqliteKeptWebhooks,
)
from twilio_binding.twilio_api import Clients, TwilioNumbers
from twilio_binding.webhooks.server import RealThread, RightOfWay, WebServer, make_capacity

_log = structlog.get_logger(__name__)

_MESSAGES_AT_A_TIME = 32
"""Number of messages that are worked on at a time: as many as there is time for while a slow disk flushes."""
_ADMIN_CONNECTIONS = 40
"""A browser opens up to six connections for a page."""
_STOP = 6.0, 10.0, 11.5, 13.0
"""Seconds from the signal until webhooks are answered, work in progress is done, connections are closed, and the database is closed. Unfinished work is stored and left. The whole process ends within 15 s."""


class Service:
    """The whole service. `start` never waits for a dependency; `stop` answers all held calls first."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._metrics = Metrics()
        self._stores = Stores(settings)
        self._alarm_runs = AlarmRuns(self._stores)
        self._real_thread = RealThread(patience=None)
        self._configuration = Configuration(settings, calling=RealThread(), working=self._real_thread)
        self._things = self._configuration.things
        capacity = make_capacity(settings.webhook.max_held)
        self._held = HeldCalls(limit=capacity.held)
        self._listening_on: list[str] = []
        self._offers = Offers()
        self._build_dependencies()
        self._build_use_cases()
        self._queues = build_queues(self._stores.journal, self._openhab, self._mqtt, self._metrics, self._way)
        self._servers = self._build_servers(capacity.connections)
        self._housekeeping = Housekeeping(
            self._stores, self._configuration, self._media, settings, review=self._optional.take_up
        )
        self._connect()
        self._configuration.load()

    @property
    def webhook_address(self) -> str:
        """`host:port` of the listener for Twilio."""
        return self._servers[0].address

    @property
    def admin_address(self) -> str:
        """`host:port` of the pages for people and monitoring."""
        return self._servers[1].address

    def start(self) -> None:
        """Start everything; the servers first, because Twilio does not wait."""
        self._optional.take_up()  # before keys, replies and stored sends of alarms come up
        for server in self._servers:
            server.start()
        self._configuration.start()
        self._shelf.start()
        self._media.start()
        self._requests.start(self._mqtt.answer)
        self._optional.start()
        self._openhab.start()
        self._mqtt.start(self._requests.submit)
        for queue in self._queues:
            queue.start()
        self._accounts.checks.start()
        self._housekeeping.start()

    def stop(self) -> None:
        """Answer held calls with their default, let requests end, and stop everything in time, even if something hangs."""
        began = time.monotonic()
        answered, ended, left, closed = (began + seconds for seconds in _STOP)
        released = self._held.close()
        self._console.close()
        self._stores.database.hurry()  # calls that wait for the disk are answered, too
        _log.info("stopping", held_calls_released=released)
        public, admin = self._servers
        public.stop(answered)
        admin.stop(min(answered, time.monotonic() + 1))
        self._accounts.checks.stop(ended)
        for queue in self._queues:
            queue.stop(ended)
        self._optional.stop(ended)
        self._requests.stop(ended)
        self._media.stop(left)
        self._mqtt.stop(left)
        self._openhab.stop(left)
        self._clients.stop()
        self._configuration.stop(left)
        self._housekeeping.stop(left)
        self._stores.close(closed)

    def reload(self) -> None:
        """Read the things again soon, and check all of them."""
        self._configuration.reload()

    def readiness(self) -> dict[str, dict[str, object]]:
        """Each dependency, the store and the things: whether it is up, otherwise the reason."""
        things = self._things.current()
        missing, taken_up = self._configuration.missing, self._optional.take_up
        errors = self._things.errors or ([missing] if missing else [])
        return {
            "openhab": openhab_entry(self._openhab)
            | set_aside_entry(self._stores.journal, "openhab", "events_set_aside"),
            "mqtt": entry(self._mqtt.reason, up=self._mqtt.is_ready) | set_aside_entry(self._stores.journal, "mqtt"),
            "twilio": twilio_entry(things, self._accounts.checks.statuses),
            "store": store_entry(self._stores.database),
            "things": things_entry(things, [*errors, *([taken_up.problem] if taken_up.problem else [])]),
        }

    def _build_dependencies(self) -> None:
        settings, stores = self._settings, self._stores
        self._clients = Clients(settings.twilio.api_url, clock=stores.timeline.now)
        cure = f"run `twilio-binding install <openHAB's conf folder>` with data_dir {settings.data_dir.resolve()}"
        self._openhab = OpenHABConnection(
            settings.openhab,
            ScriptInstallation(secret=stores.secret, remembered=settings.script_file, cure=cure),
            last_states=stores.journal.last_states,
            bound=lambda: _all_bound(self._configuration),
            metrics=self._metrics,
            things=self._configuration.in_openhab,
        )
        self._mqtt = Exchange(
            settings.mqtt.url.get_secret_value(),
            Topics(base=settings.mqtt.base_topic),
            client_id=f"twilio-binding-{stores.secret[:8]}",
            metrics=self._metrics,
            ca_file=settings.mqtt.ca_file,
            claim=ServiceClaim(instance=token_hex(8), store=stores.claim.identity, host=socket.gethostname()),
        )

    def _build_use_cases(self) -> None:
        settings, stores, metrics = self._settings, self._stores, self._metrics
        self._way = RightOfWay(_MESSAGES_AT_A_TIME)
        self._outgoing = build_sends(
            settings, stores, self._things, self._clients, metrics=metrics, is_withdrawn=self._alarm_runs.is_withdrawn
        )
        around = Surroundings(
            settings=settings,
            stores=stores,
            offers=self._offers,
            clients=self._clients,
            sends=self._outgoing.sends,
            mqtt=self._mqtt,
            openhab=self._openhab,
            configuration=self._configuration,
        )
        self._optional = OptionalGroups(around, self._alarm_runs, self._real_thread)
        self._incoming = self._build_incoming()
        self._accounts = build_accounts(
            self._things,
            TwilioNumbers(self._clients),
            SqliteKeptWebhooks(stores.database),
            publish=AccountNews(things=self._mqtt.publish_things, inbox=self._mqtt.publish_inbox),
            hindrance=lambda: self._openhab.script_problem,
        )
        self._shelf, self._media = build_media(
            settings, stores.database, metrics, stores.timeline.now, self._listening_on
        )
        media = MediaRequests(self._things, self._media)
        optional = self._optional
        found = routes(
            self._incoming.answers,
            media,
            self._accounts.requests,
            optional.carry_out_for_alarm,
            optional.begin_for_contact,
        )
        self._requests = RequestRouter(self._outgoing.sends, found, metrics)

    def _build_incoming(self) -> IncomingUseCases:
        limits, journal = self._settings.limits, self._stores.journal
        return build_incoming(
            IncomingParts(
                things=self._things,
                journal=journal,
                held=self._held,
                listeners=KnownListeners(
                    (self._openhab.hears, self._mqtt.hears),
                    SqliteAnsweredChannels(self._stores.database),
                    can_answer=self._mqtt.can_answer,
                ),
                rates=IncomingRates(
                    per_sender=limits.incoming_per_sender,
                    per_number=limits.incoming_per_number,
                    metrics=self._metrics,
                ),
                opt_outs=self._outgoing.opt_outs,
                metrics=self._metrics,
                now=local_now,
                lifetime=self._settings.delivery.message_hours * 3600,
                offers=self._offers,
            )
        )

    def _build_servers(self, connections: int) -> tuple[WebServer, WebServer]:
        settings = self._settings
        flows = webhooks.UseCases(
            things=self._things,
            messages=self._incoming.messages,
            calls=self._incoming.calls,
            statuses=self._incoming.statuses,
            media=self._media,
            metrics=self._metrics,
            way=self._way,
            probe=webhooks.ProbeDesk(self._stores.secret, self._things),
        )
        public = WebServer(webhooks.create_app(flows), *split_address(settings.webhook.listen), connections=connections)
        self._console = build_console(
            ConsoleNeeds(
                settings=settings,
                stores=self._stores,
                metrics=self._metrics,
                things=self._things,
                accounts=self._accounts,
                requests=self._requests,
                outgoing=self._outgoing,
                alarms=self._optional.people_and_alarms,
                readiness=self.readiness,
                queues=self._queues,
                openhab=self._openhab,
            )
        )
        admin = WebServer(self._console, *split_address(settings.admin.listen), connections=_ADMIN_CONNECTIONS)
        self._listening_on += [public.address, admin.address]
        return public, admin

    def _connect(self) -> None:
        """Connect publishers and subscribers."""
        self._openhab.ready.subscribe(self._queues[0].resume)
        self._openhab.listeners_changed.subscribe(self._held.review)
        self._openhab.script_problem_changed.subscribe(self._accounts.checks.publish)
        notifications, statuses = self._openhab.notifications, self._accounts.checks.statuses
        notifications.changed.subscribe(self._accounts.checks.publish)
        statuses.doubt_of_alarm = lambda alarm: notifications.hindrance if alarm.notifies else ""
        self._mqtt.ready.subscribe(self._queues[1].resume)
        self._mqtt.announced.subscribe(self._openhab.announce)
        self._mqtt.announced.subscribe(self._configuration.cloud.announce)
        self._configuration.changed.subscribe(self._accounts.checks.refresh)
        self._configuration.changed.subscribe(self._accounts.discovery.tell)
        self._configuration.changed.subscribe(self._openhab.link_check.check)
        self._metrics.held.set_function(lambda: len(self._held))


def _all_bound(configuration: Configuration) -> set[str]:
    """The UIDs of all things with channels, also of those with errors."""
    things = configuration.things.current()
    return {*things.phones, *things.contacts, *things.alarms, *(thing.uid for thing in things.broken)}
