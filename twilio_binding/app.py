"""The composition root: builds everything, connects it, starts it in order and stops it in reverse."""

from __future__ import annotations

import socket
import threading
from secrets import token_hex

import structlog

from twilio_binding import webhooks as webhook
from twilio_binding.accounts.discovery import Discovery
from twilio_binding.accounts.number_webhooks import ConfigureNumber
from twilio_binding.accounts.requests import Upkeep
from twilio_binding.accounts.statuses import Statuses
from twilio_binding.build_media import build_media
from twilio_binding.clock import local_now
from twilio_binding.configuration import Configuration
from twilio_binding.console import monitoring as admin
from twilio_binding.incoming.calls import CallIn
from twilio_binding.incoming.delivery import DeliveryLane
from twilio_binding.incoming.held_calls import HeldCalls
from twilio_binding.incoming.listeners import KnownListeners
from twilio_binding.incoming.messages import MessageIn
from twilio_binding.incoming.ports import Deliver, Lane
from twilio_binding.incoming.rates import IncomingRates
from twilio_binding.incoming.status_callbacks import StatusIn
from twilio_binding.installation import kept_secret
from twilio_binding.metrics import Metrics
from twilio_binding.model.limits import Limits
from twilio_binding.mqtt import Exchange, ServiceClaim
from twilio_binding.openhab import OpenHABConnection, ScriptInstallation
from twilio_binding.outgoing.ceilings import Ceilings
from twilio_binding.outgoing.opt_outs import OptOuts
from twilio_binding.outgoing.permission import Permission
from twilio_binding.outgoing.requests import Actions
from twilio_binding.outgoing.sending import Sender
from twilio_binding.protocol.topics import Topics
from twilio_binding.readiness import entry, openhab_entry, set_aside_entry, store_entry, things_entry, twilio_entry
from twilio_binding.settings import Settings, split_address
from twilio_binding.store import (
    Claim,
    Database,
    SqliteJournal,
    SqliteKeptWebhooks,
    SqliteLedger,
    SqliteOptOuts,
    SqliteOutbox,
    Timeline,
)
from twilio_binding.twilio_api import Clients, TwilioGateway, TwilioNumbers
from twilio_binding.webhooks import server

_log = structlog.get_logger(__name__)

_MESSAGES_AT_A_TIME = 16
"""Messages worked on at a time: more would not be faster, and calls would wait behind them."""
_BATCH = 25
_ANSWERING_SECONDS = 8.0
_HOUSEKEEPING = 60.0
_DAY = 86400.0


class Runtime:
    """The whole sidecar. `start` never waits for a neighbour; `stop` answers every held call first."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._capacity = server.make_capacity(settings.webhook.max_held)
        self.metrics = Metrics()
        self._stopping = threading.Event()
        self._own: list[str] = []
        self._housekeeper = threading.Thread(target=self._keep_house, name="housekeeping", daemon=True)
        self._build_store()
        self._build_flows()
        self._build_lanes()
        self._build_servers()

    @property
    def webhook_address(self) -> str:
        """`host:port` that listens for Twilio."""
        return self._webhook_server.address

    @property
    def admin_address(self) -> str:
        """`host:port` of the operators' pages."""
        return self._admin_server.address

    def start(self) -> None:
        """Start everything; the servers first, because Twilio does not wait."""
        self._webhook_server.start()
        self._admin_server.start()
        self._configuration.start()
        self._shelf.start()
        self._media.start()
        self._actions.start(self._exchange.answer)
        self._openhab.start()
        self._exchange.start(self._actions.submit)
        for lane in self._lanes:
            lane.start()
        self._statuses.start()
        self._housekeeper.start()

    def stop(self) -> None:
        """Answer held calls with their default, let requests end, and stop everything."""
        self._stopping.set()
        released = self._held.close()
        self._database.hurry()  # whoever is held up by the disk is answered, too
        _log.info("stopping", held_calls_released=released)
        self._webhook_server.stop(drain=_ANSWERING_SECONDS)
        self._admin_server.stop(drain=1)
        self._configuration.stop()
        self._statuses.stop()
        for lane in self._lanes:
            lane.stop()
        self._actions.stop()
        self._media.stop()
        self._exchange.stop()
        self._openhab.stop()
        self._clients.stop()
        self._housekeeper.join(5)
        self._database.stop()
        self._claim.release()

    def reload(self) -> None:
        """Read the things again, soon, and look at all of them."""
        self._configuration.reload()

    def neighbours(self) -> dict[str, dict[str, object]]:
        """Each neighbour: whether it can be used, and why not."""
        things = self._things.current()
        return {
            "openhab": openhab_entry(self._openhab),
            "mqtt": entry(self._exchange.reason, up=self._exchange.is_ready) | set_aside_entry(self._journal, "mqtt"),
            "twilio": twilio_entry(things, self._statuses),
            "store": store_entry(self._database),
            "things": things_entry(
                things, self._things.errors or [text for text in (self._configuration.missing,) if text]
            ),
        }

    def _phones(self) -> set[str]:
        """The UIDs of all phones, those that are broken too."""
        things = self._things.current()
        return {*things.phones, *(thing.uid for thing in things.broken)}

    def _build_store(self) -> None:
        self._claim = Claim(self._settings.data_dir)
        self._secret = kept_secret(self._settings.secret_file)
        self._database = Database(self._settings.database_file, commit=server.RealThread(patience=None))
        self._database.start()
        self._timeline = Timeline(self._settings.timeline_file)
        clock = self._timeline.now
        self._journal = SqliteJournal(self._database, clock=clock)
        self._outbox = SqliteOutbox(self._database, clock=clock)
        self._kept_webhooks = SqliteKeptWebhooks(self._database)

    def _build_flows(self) -> None:
        settings = self._settings
        self._held = HeldCalls(limit=self._capacity.held)
        self.metrics.held.set_function(lambda: len(self._held))
        self._configuration = Configuration(settings, on_change=self._things_changed, calling=server.RealThread())
        self._things = self._configuration.things
        self._clients = Clients(settings.twilio.api_url, clock=self._timeline.now)
        self._gateway = TwilioGateway(self._clients)
        cure = f"run `twilio-binding install <openHAB's conf folder>` with data_dir {settings.data_dir.resolve()}"
        self._openhab = OpenHABConnection(
            settings.openhab,
            ScriptInstallation(secret=self._secret, remembered=settings.data_dir / "openhab-has-script", cure=cure),
            last_states=self._journal.last_states,
            phones=self._phones,
            metrics=self.metrics,
            things=self._configuration.in_openhab,
        )
        self._openhab.listeners_changed.subscribe(self._held.review)
        self._exchange = Exchange(
            settings.mqtt.url.get_secret_value(),
            Topics(base=settings.mqtt.base_topic),
            client_id=f"twilio-binding-{self._secret[:8]}",
            metrics=self.metrics,
            ca_file=settings.mqtt.ca_file,
            claim=ServiceClaim(instance=token_hex(8), store=self._claim.identity, host=socket.gethostname()),
        )
        self._exchange.announced.subscribe(self._openhab.announce)
        self._exchange.announced.subscribe(self._configuration.cloud.announce)
        self._listeners = KnownListeners(
            (self._openhab.hears, self._exchange.hears), self._journal, can_answer=lambda: not self._exchange.is_down
        )
        self._opt_outs = OptOuts(SqliteOptOuts(self._database), clock=self._timeline.now)
        limits = settings.limits.model_dump(exclude={"loop_minutes", "incoming_per_sender", "incoming_per_number"})
        permission = Permission(
            opt_outs=self._opt_outs,
            ceilings=Ceilings(
                SqliteLedger(self._database),
                Limits(**limits, loop_seconds=settings.limits.loop_minutes * 60),
                clock=self._timeline.now,
            ),
            metrics=self.metrics,
        )
        self._sender = Sender(things=self._things, outbox=self._outbox, gateway=self._gateway, permission=permission)
        self._build_upkeep()
        self._shelf, self._media = build_media(settings, self._database, self.metrics, self._timeline.now, self._own)
        self._actions = Actions(
            things=self._things,
            held=self._held,
            listeners=self._listeners,
            outbox=self._outbox,
            sender=self._sender,
            metrics=self.metrics,
            media=self._media,
            upkeep=self._upkeep.carry_out,
        )
        self._configuration.load()

    def _build_upkeep(self) -> None:
        numbers = TwilioNumbers(self._clients)
        webhooks = ConfigureNumber(numbers, self._kept_webhooks)
        self._discovery = Discovery(self._things, numbers, on_change=self._exchange.publish_inbox)
        self._statuses = Statuses(
            self._things,
            check=numbers.account_status,
            configure=webhooks.check,
            discover=self._discovery.look,
            on_change=self._exchange.publish_things,
            hindrance=lambda: self._openhab.script_problem,
        )
        self._openhab.script_problem_changed.subscribe(self._statuses.tell)
        self._upkeep = Upkeep(
            self._things, discovery=self._discovery, numbers=webhooks, tell=self._statuses.phone_changed
        )

    def _build_lanes(self) -> None:
        self._gate = server.Gate(_MESSAGES_AT_A_TIME)
        self._to_openhab = self._lane("openhab", self._openhab.deliver)
        self._openhab.ready.subscribe(self._to_openhab.resume)
        self._to_mqtt = self._lane("mqtt", self._exchange.deliver)
        self._exchange.ready.subscribe(self._to_mqtt.resume)
        self._lanes = (self._to_openhab, self._to_mqtt)
        self.metrics.backlog.labels("openhab").set_function(lambda: self._journal.backlog("openhab"))
        self.metrics.backlog.labels("mqtt").set_function(lambda: self._journal.backlog("mqtt"))
        self.metrics.set_aside.labels("mqtt").set_function(lambda: self._journal.set_aside("mqtt"))
        for lane in self._lanes:
            self._journal.on_change(lane.wake)

    def _lane(self, name: Lane, deliver: Deliver) -> DeliveryLane:
        return DeliveryLane(
            name, self._journal, deliver, batch=_BATCH, metrics=self.metrics, is_flooded=self._gate.is_full
        )

    def _build_servers(self) -> None:
        lifetime = self._settings.delivery.message_hours * 3600
        limits = self._settings.limits
        rates = IncomingRates(
            per_sender=limits.incoming_per_sender, per_number=limits.incoming_per_number, metrics=self.metrics
        )
        flows = webhook.Flows(
            things=self._things,
            messages=MessageIn(self._journal, opt_outs=self._opt_outs, rates=rates, now=local_now, lifetime=lifetime),
            calls=CallIn(
                journal=self._journal,
                held=self._held,
                listeners=self._listeners,
                rates=rates,
                metrics=self.metrics,
                now=local_now,
            ),
            statuses=StatusIn(self._journal, self._held, lifetime=lifetime),
            media=self._media,
            metrics=self.metrics,
            gate=self._gate,
        )
        host, port = split_address(self._settings.webhook.listen)
        self._webhook_server = server.WebServer(
            webhook.create_app(flows), host, port, connections=self._capacity.connections
        )
        host, port = split_address(self._settings.admin.listen)
        self._admin_server = server.WebServer(
            admin.create_app(self.metrics, self.neighbours, token=self._settings.admin.token.get_secret_value()),
            host,
            port,
            connections=20,
        )
        self._own += [self.webhook_address, self.admin_address]

    def _things_changed(self) -> None:
        if hasattr(self, "_statuses"):
            self._statuses.refresh()
            self._discovery.tell()

    def _keep_house(self) -> None:
        keep = self._settings.delivery.keep_days * _DAY
        while not self._stopping.wait(_HOUSEKEEPING):
            try:
                self._timeline.note()
                self._configuration.cloud.check()
                dropped = self._journal.forget(older_than=keep) + self._outbox.forget(older_than=keep)
                dropped += self._media.age()
                if dropped:
                    _log.info("store.forgot", rows=dropped)
            except Exception:
                _log.exception("store.housekeeping_failed")
