"""openHAB as a neighbour: connected or not, prepared or not, and how events reach it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.incoming.ports import Delivery, ThingsNotReadyError
from twilio_binding.metrics import Metrics
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.delivery.deliverer import Carrier
from twilio_binding.openhab.delivery.expected_script import ExpectedScript
from twilio_binding.openhab.delivery.http import Express
from twilio_binding.openhab.delivery.restore import Restorer
from twilio_binding.openhab.delivery.script import Door
from twilio_binding.openhab.delivery.set_aside import SetAside
from twilio_binding.openhab.event_stream import EventStream
from twilio_binding.openhab.registries.links import Link, Links
from twilio_binding.openhab.registries.things import OpenHABThings
from twilio_binding.openhab.rest import RestClient
from twilio_binding.openhab.signal import Signal
from twilio_binding.openhab.startup import uptime
from twilio_binding.protocol.announcement import Announcement
from twilio_binding.settings import OpenHABSettings

_log = structlog.get_logger(__name__)

_SETTLED = 30.0
"""Seconds after the first word of the script by which openHAB has all things: those of its files come with the script."""
_POLL = 60.0
"""Seconds after which links and rules are read again, in case an event about them was lost."""
_RETRY = (0.2, 0.3, 0.5, 1.0, 2.0, 5.0)
_CHANGES = ("/added", "/removed", "/updated")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptInstallation:
    """The script inside openHAB: its secret, a file that remembers that it is there, and how people install it."""

    secret: str
    remembered: Path | None = None
    cure: str = ""


class OpenHABConnection:
    """Follows openHAB's events and prepares it for deliveries, again after each restart of it.

    `last_states` gives the last delivered state of each channel UID; `phones` gives the UIDs of all phones.
    `things` is kept up to date where openHAB is to say which things there are.
    """

    ready: Signal
    """Deliveries can go."""
    listeners_changed: Signal
    """It turned out who can hear events, or that openHAB is down."""
    script_problem_changed: Signal
    """`script_problem` has another value."""

    def __init__(
        self,
        server: OpenHABSettings,
        script: ScriptInstallation,
        *,
        last_states: Callable[[], dict[str, str]],
        phones: Callable[[], Collection[str]],
        metrics: Metrics,
        things: OpenHABThings | None = None,
    ) -> None:
        self._url, self._token, self._ca_file = server.url, server.token.get_secret_value(), server.ca_file
        url, token, ca_file, secret = self._url, self._token, self._ca_file, script.secret
        self.ready, self.listeners_changed, self.script_problem_changed = Signal(), Signal(), Signal()
        self._last_states = last_states
        self._metrics = metrics
        self._things = things
        self._script = ExpectedScript(script.remembered)
        self._is_down = False
        self._phones = phones
        self.links = Links()
        self.set_aside = SetAside(metrics)
        self._restorer = Restorer(self.links, self.set_aside)
        door = Door(secret, cure=script.cure, on_problem=self.script_problem_changed.send)
        self._carrier = Carrier(
            lambda: Express(url, token, ca_file), secret, self.links, self.set_aside, metrics, door=door
        )
        self.relay, self.rules = self._carrier.relay, self._carrier.rules
        self.reason = "not connected yet"
        self._connected = threading.Event()
        self._started = threading.Event()
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._stale_rules = False
        self._stale_things = False
        self._new_links: list[Link] = []
        self._waiting: set[str] = set()
        self._stream = EventStream(
            url, token, ca_file, on_open=self._opened, on_event=self._followed, on_lost=self._lost
        )
        self._thread = threading.Thread(target=self._run, name="openhab-setup", daemon=True)

    @property
    def is_ready(self) -> bool:
        """Whether events can be delivered now."""
        return self._can_bring or self._can_relay

    @property
    def way(self) -> str:
        """How events reach openHAB now."""
        return "bridge script" if self._can_bring else "relay rule"

    @property
    def _can_bring(self) -> bool:
        return self._started.is_set() and self._carrier.door.is_open

    @property
    def _can_relay(self) -> bool:
        return self._connected.is_set() and self.relay.is_ready

    @property
    def is_connected(self) -> bool:
        """Whether the event stream is open."""
        return self._connected.is_set()

    def start(self) -> None:
        """Begin to connect; openHAB may come later."""
        self._thread.start()
        self._stream.start()

    def stop(self) -> None:
        """Disconnect and end."""
        self._stopping.set()
        self._wake.set()
        self._stream.stop()
        self._thread.join(2)
        self._carrier.close()

    @property
    def script_problem(self) -> str:
        """What is wrong with the script inside openHAB, and what to do; "" when nothing is."""
        return self._carrier.door.problem

    def hears(self, channel_uid: str) -> bool | None:
        """Whether a rule in openHAB may answer events of a channel; None while that is not known yet.

        None does while openHAB is known to be down. Just after the connection broke, rules are taken to be there.
        """
        if self._is_down and not self.is_ready:
            return False
        return self.rules.hears(channel_uid)

    def announce(self, announcement: Announcement | None) -> None:
        """Take over what the script inside openHAB says of itself; None when it has gone."""
        self._carrier.door.announce(announcement)
        self._look_at_links()
        if announcement is None:
            self._script.left()
        self._wake.set()
        if self._can_bring:
            self.ready.send()

    def deliver(self, deliveries: Sequence[Delivery]) -> None:
        """Carry events to openHAB, in order.

        Raises `DependencyDownError` when all must be delivered again, `ThingsNotReadyError` when some must.
        """
        can_relay = self._can_relay
        try:
            left = self._carrier.carry(deliveries, can_bring=self._can_bring, can_relay=can_relay, reason=self.reason)
        except DependencyDownError:
            if can_relay and not self.relay.is_ready:
                self._wake.set()  # the rule did not confirm, so it is looked at again
            raise
        self._note_waiting({delivery.event.thing for delivery in deliveries}, left)
        if left:
            raise ThingsNotReadyError(left)

    @property
    def waiting(self) -> str:
        """Which things events wait for, in words; "" for none."""
        return "; ".join(f"{thing} is not ready in openHAB; its events wait" for thing in sorted(self._waiting))

    def _note_waiting(self, tried: set[str], left: Sequence[Delivery]) -> None:
        waiting = {delivery.event.thing for delivery in left}
        for thing in waiting - self._waiting:
            _log.warning("openhab.thing_not_ready", thing=thing)
        self._waiting = self._waiting - tried | waiting

    # ---- events of openHAB, on the stream's thread

    def _opened(self) -> None:
        self._carrier.door.doubt()
        self._script.openhab_opened()
        if self._things is not None:
            self._things.forget_events()
        self._connected.set()
        self._wake.set()

    def _lost(self, reason: str) -> None:
        was_ready, was_connected = self._can_relay, self._connected.is_set()
        self._connected.clear()
        self._started.clear()
        self.relay.lose()
        self._restorer.forget()
        self._metrics.neighbour.labels("openhab").set(0)
        if was_ready:
            self.reason = reason
            _log.info("openhab.lost", reason=reason)
        else:
            self._blame(reason)
        if was_connected:
            self._script.openhab_lost()
        else:
            self._went_down()

    def _went_down(self) -> None:
        if not self._is_down:
            self._is_down = True
            self.listeners_changed.send()

    def _followed(self, topic: str, payload: str) -> None:
        if topic.startswith("openhab/channels/"):
            self.relay.follow(topic.removeprefix("openhab/channels/").removesuffix("/triggered"), payload)
        elif topic.startswith("openhab/links/"):
            added = self.links.follow(topic, payload)
            if added is not None:
                self._new_links.append(added)
            self._wake.set()
        elif topic.startswith("openhab/rules/") and topic.endswith("/state"):
            uid, status = topic.split("/")[2], json.loads(payload)
            self._carrier.runs.follow(uid, status)
            if self.rules.is_news(uid, status):
                self._stale_rules = True
                self._wake.set()
        elif topic.endswith(_CHANGES) or '"DISABLED"' in payload:
            if topic.startswith("openhab/things/"):
                self._stale_things = True
                if self._things is not None:
                    self._things.follow(topic)
            else:
                self._stale_rules = True
            self._wake.set()

    # ---- preparation, on a thread of its own

    def _run(self) -> None:
        client = RestClient(self._url, self._token, self._ca_file)
        try:
            self._keep_prepared(client)
        finally:
            client.close()

    def _keep_prepared(self, client: RestClient) -> None:
        failures = 0
        while not self._stopping.is_set():
            self._wake.wait(_POLL if self._can_relay or not self._connected.is_set() else _RETRY[failures])
            self._wake.clear()
            if self._stopping.is_set() or not self._connected.is_set():
                continue
            try:
                self._prepare(client)
                failures = 0
            except (DependencyDownError, OpenHABRefusedError) as error:
                failures = min(failures + 1, len(_RETRY) - 1)
                self._blame(str(error))
                if not self.is_ready:
                    self._went_down()
            except Exception:
                failures = len(_RETRY) - 1
                _log.exception("openhab.setup_failed")

    def _prepare(self, client: RestClient) -> None:
        if self._can_relay:
            self._catch_up(client)
            return
        self.links.load(client.links())
        self.rules.load(client.rules())
        self._load_things(client)
        self._restorer.restore(self._carrier.express(), self._last_states())
        self._see_started(client)
        self._restorer.settle()
        self._look_at_links()
        self._started.set()
        if self._can_bring:
            self.ready.send()
        self.relay.ensure(client, self._carrier.express())
        self._is_down, self.reason = False, ""
        self._metrics.neighbour.labels("openhab").set(1)
        _log.info("openhab.ready")
        self.ready.send()
        self.listeners_changed.send()

    def _see_started(self, client: RestClient) -> None:
        """Raise `DependencyDownError` until openHAB's rules listen, and the script is there if it was there before."""
        seconds = uptime(client, self._script.openhab_starts)
        # Without reason it is not asked: openHAB logs a warning for an address that it does not have.
        if self._carrier.has_script_for(0) or (self._script.is_expected and self._carrier.ask_script()):
            self._script.came()
        elif self._script.is_worth_waiting(seconds):
            raise DependencyDownError("openHAB has started, and the script inside it has not yet")

    def _catch_up(self, client: RestClient) -> None:
        if self._carrier.has_script_for(0):
            self._script.came()
        self._script.note_removed()
        new_links, self._new_links = self._new_links, []
        states = self._last_states()
        self._restorer.try_again(self._carrier.express(), states, {link.channel for link in new_links})
        if not new_links and not self._stale_rules and not self._stale_things:
            self.links.load(client.links())
            self._stale_things = True
        self._look_at_links()
        if self._stale_things:
            self._load_things(client)
        self._stale_rules = False
        self.rules.load(client.rules())

    def _load_things(self, client: RestClient) -> None:
        self._stale_things = False
        if self._things is not None:
            self._things.load(client.things(), complete=self._carrier.has_script_for(_SETTLED))

    def _look_at_links(self) -> None:
        known = {(link.item, link.channel) for link in self.links.all()}
        self.set_aside.look_at(self.links.problems(self._phones(), has_profiles=self._can_bring), known)

    def _blame(self, reason: str) -> None:
        if reason != self.reason:
            _log.info("openhab.not_ready", reason=reason)
        self.reason = reason
