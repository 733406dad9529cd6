"""The connection to openHAB, built from its parts."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from math import inf
from pathlib import Path

from twilio_binding.metrics import Metrics
from twilio_binding.openhab.delivery.by_relay_rule import RelayRuleDelivery, StateWriter
from twilio_binding.openhab.delivery.deliverer import Deliverer, EventEncoder
from twilio_binding.openhab.delivery.expected_script import ExpectedScript
from twilio_binding.openhab.delivery.relay_rule import RelayRule
from twilio_binding.openhab.delivery.restore import Restorer
from twilio_binding.openhab.delivery.script import ScriptClient
from twilio_binding.openhab.delivery.set_aside import SetAside
from twilio_binding.openhab.event_stream import EventStream, followed_by
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.openhab.item_commands import ItemCommands
from twilio_binding.openhab.item_events import ItemEvents
from twilio_binding.openhab.link_check import LinkCheck
from twilio_binding.openhab.locale import Locale
from twilio_binding.openhab.missed_states import MissedStates
from twilio_binding.openhab.notifications import Notifications
from twilio_binding.openhab.preparation import Preparation
from twilio_binding.openhab.registries.current import Registries
from twilio_binding.openhab.registries.items import ItemValues
from twilio_binding.openhab.registries.things import OpenHABThings
from twilio_binding.openhab.rest import RestClient
from twilio_binding.openhab.startup import OpenHABStart
from twilio_binding.openhab.status import ConnectionStatus
from twilio_binding.protocol.announcement import Announcement
from twilio_binding.settings import OpenHABSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptInstallation:
    """The script inside openHAB: its secret, a file that marks it as installed, and the command that installs it."""

    secret: str
    remembered: Path | None = None
    cure: str = ""


class OpenHABConnection:
    """Follows openHAB's events and prepares it for deliveries, again after each restart; `deliver` delivers events.

    `last_states` returns the last delivered state of each channel UID; `bound` returns the UIDs of all things with
    channels. `things` is kept current if openHAB has the things. `ready` is notified when deliveries are possible,
    `listeners_changed` when it became known who gets events, or that openHAB is down.
    """

    def __init__(
        self,
        server: OpenHABSettings,
        script: ScriptInstallation,
        *,
        last_states: Callable[[], dict[str, str]],
        bound: Callable[[], Collection[str]],
        metrics: Metrics,
        things: OpenHABThings | None = None,
    ) -> None:
        self._requests = OpenHABRequests(server)
        rest = RestClient(self._requests)
        self._script = ScriptClient(script.secret, cure=script.cure)
        self.notifications = Notifications(self._script, script.secret, self._requests)
        relay_rule = RelayRule(rest, script.secret)
        self.status = ConnectionStatus(self._script, relay_rule, metrics)
        self.set_aside = SetAside(metrics)
        self._registries = Registries(rest, things)
        links = self._registries.links
        by_relay_rule = RelayRuleDelivery(relay_rule, StateWriter(rest, self.set_aside), self.set_aside, metrics)
        deliverer = self._deliverer(EventEncoder(links, script.secret), by_relay_rule)
        self.deliver, self.waiting = deliverer.deliver, deliverer.waiting
        self.link_check = LinkCheck(self.status, links, bound, self.set_aside)
        self.locale = Locale(rest)
        self._startup = OpenHABStart(self._requests, self._script, ExpectedScript(script.remembered), self.locale)
        self._restorer = Restorer(rest, ItemValues(self._requests), links, self.set_aside, last_states)
        self._preparation = Preparation(
            self.status, self._registries, self._restorer, self._startup, self.link_check, relay_rule=relay_rule
        )
        relay_rule.doubted.subscribe(self._relay_rule_failed)
        followers = (relay_rule.confirmations, *self._registries.followers, self._startup)
        followed = followed_by(followers, self._preparation.wake)
        self._stream = EventStream(server, on_open=self._opened, on_event=followed, on_lost=self._lost)
        self.commands = ItemCommands(
            links, has_profiles=lambda: self.status.has_script, is_prepared=lambda: self.status.state.is_prepared
        )
        self.status.was_prepared.subscribe(lambda: self.commands.settle(has_started=self._startup.has_started))
        self.item_events = self._item_events(server, MissedStates(rest, links, self.commands, self._startup.runs))
        self.ready, self.listeners_changed = self.status.ready, self.status.listeners_changed
        self.script_problem_changed = self._script.problem_changed

    def _deliverer(self, encoder: EventEncoder, by_relay_rule: RelayRuleDelivery) -> Deliverer:
        return Deliverer(
            self.status,
            encoder=encoder,
            rules=self._registries.rules,
            script=self._script,
            requests=self._requests,
            relay_rule=by_relay_rule,
        )

    def _item_events(self, server: OpenHABSettings, missed: MissedStates) -> ItemEvents:
        events = ItemEvents(server)
        events.subscribe(self.commands.wanted, self.commands.follow)
        events.subscribe(lambda: (), missed.follow)
        self.link_check.checked.subscribe(events.review)

        def look() -> None:
            """A break of either stream may have hidden something; with the script, openHAB applies profiles itself."""
            if self.status.state.is_prepared and not self.status.has_script:
                missed.look()

        self.status.was_prepared.subscribe(look)
        events.opened.subscribe(look)
        return events

    def start(self) -> None:
        """Start connecting; openHAB may be down."""
        self._preparation.start()
        self._stream.start()

    def stop(self, until: float = inf) -> None:
        """Disconnect and stop."""
        self._preparation.stop()
        self._stream.stop(until)
        self.item_events.stop(until)
        self._preparation.join(until)
        self._requests.close()

    @property
    def script_problem(self) -> str:
        """The problem of the script inside openHAB, and what to do; "" if there is none."""
        return self._script.problem

    def hears(self, channel_uid: str) -> bool | None:
        """Whether a rule in openHAB may answer events of a channel; None while this is unknown.

        None does while openHAB is known to be down. Just after the connection broke, rules are taken to be there.
        """
        if self.status.state.is_down and not self.status.is_ready:
            return False
        return self._registries.rules.hears(channel_uid)

    def announce(self, announcement: Announcement | None) -> None:
        """Take over the announcement of the script inside openHAB; None when it has gone."""
        self._script.announce(announcement)
        self.notifications.review()
        self.link_check.check()
        if announcement is None:
            self._startup.script_left()
        self._preparation.wake()
        if self.status.has_script:
            self.ready.notify()

    def _relay_rule_failed(self, reason: str) -> None:
        self.status.reason = reason
        self._preparation.wake()

    # ---- on the thread of the event stream

    def _opened(self) -> None:
        self._startup.opened()
        self._registries.forget_events()
        self.status.opened()
        self._preparation.wake()

    def _lost(self, reason: str) -> None:
        if self.status.state.is_connected:
            self._startup.lost()
        self._restorer.forget()
        self.status.lost(reason)
