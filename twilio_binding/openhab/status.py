"""Whether openHAB can be used now, how, and why not."""

from __future__ import annotations

import threading

import structlog

from twilio_binding.metrics import Metrics
from twilio_binding.openhab.delivery.relay_rule import RelayRule
from twilio_binding.openhab.delivery.script import ScriptClient
from twilio_binding.openhab.state import TRANSITIONS, ConnectionChange, ConnectionState
from twilio_binding.subscribers import Subscribers

_log = structlog.get_logger(__name__)


class ConnectionStatus:
    """Holds the state of the connection, and tells which ways of delivery are open.

    `was_prepared` is notified when registries are read and states restored; `ready` when deliveries are possible;
    `listeners_changed` when it became known who gets events, or that openHAB is down.
    """

    def __init__(self, script: ScriptClient, relay_rule: RelayRule, metrics: Metrics) -> None:
        self.was_prepared: Subscribers[[]] = Subscribers()
        self.ready: Subscribers[[]] = Subscribers()
        self.listeners_changed: Subscribers[[]] = Subscribers()
        self.reason = "not connected yet"
        self._script, self._relay_rule = script, relay_rule
        self._gauge = metrics.neighbour.labels("openhab")
        self._lock = threading.Lock()
        self.state = ConnectionState.CONNECTING

    @property
    def way(self) -> str:
        """The way of events into openHAB now."""
        return "bridge script" if self.has_script else "relay rule"

    @property
    def has_script(self) -> bool:
        """Whether the script accepts events now."""
        return self.state.is_prepared and self._script.is_open

    @property
    def has_relay_rule(self) -> bool:
        """Whether the relay rule accepts events now."""
        return self.state.is_connected and self._relay_rule.is_ready

    @property
    def is_ready(self) -> bool:
        """Whether events can be delivered now."""
        return self.has_script or self.has_relay_rule

    def opened(self) -> None:
        """Handle that the event stream was opened."""
        self._change(ConnectionChange.OPENED)

    def lost(self, reason: str) -> None:
        """Handle that the event stream was lost, or could not be opened."""
        was_ready = self.has_relay_rule
        self._relay_rule.lose()
        self._gauge.set(0)
        if was_ready:
            self.reason = reason
            _log.info("openhab.lost", reason=reason)
        else:
            self._blame(reason)
        self._change(ConnectionChange.LOST)

    def prepared(self) -> None:
        """Handle that registries are read and states restored: the script can get events."""
        self._change(ConnectionChange.PREPARED)
        if self.state.is_prepared:
            self.was_prepared.notify()
        if self.has_script:
            self.ready.notify()

    def relay_rule_ready(self) -> None:
        """Handle that the relay rule runs, too: everything is ready, unless the connection was lost meanwhile."""
        self._change(ConnectionChange.RELAY_RULE_READY)
        if not self.state.is_prepared:
            self._relay_rule.lose()
            return
        self.reason = ""
        self._gauge.set(1)
        _log.info("openhab.ready")
        self.ready.notify()
        self.listeners_changed.notify()

    def failed(self, reason: str) -> None:
        """Handle that an attempt to prepare openHAB failed."""
        self._blame(reason)
        if not self.is_ready:
            self._change(ConnectionChange.FAILED)

    def _change(self, change: ConnectionChange) -> None:
        with self._lock:
            before = self.state
            self.state = TRANSITIONS.get((before, change), before)
            went_down = self.state.is_down and not before.is_down
        if went_down:
            self.listeners_changed.notify()

    def _blame(self, reason: str) -> None:
        if reason != self.reason:
            _log.info("openhab.not_ready", reason=reason)
        self.reason = reason
