"""Why the broker cannot be used for everything, for `/ready` and the log."""

from __future__ import annotations

import structlog

from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.mqtt.presence import Presence, State
from twilio_binding.mqtt.probe import Probe
from twilio_binding.mqtt.refusals import CURE, Refusals
from twilio_binding.protocol.topics import Topics

_log = structlog.get_logger(__name__)


class Obstacles:
    """Checks the connection, which service is active, what the broker refuses, and what it does not deliver."""

    def __init__(
        self, topics: Topics, connection: BrokerConnection, presence: Presence, refusals: Refusals, probe: Probe
    ) -> None:
        self._topics = topics
        self._connection = connection
        self._presence = presence
        self._refusals = refusals
        self._probe = probe

    @property
    def text(self) -> str:
        """The first obstacle and what to do, "" for none."""
        if not self._connection.is_connected:
            return self._connection.reason or "the connection to the broker broke"
        if self._presence.state == "waiting":
            return self.rival
        if self._presence.state == "asking":
            return "asking whether another service is active on this broker"
        refused = self._connection.subscriptions.refused
        if refused:
            topics = ", ".join(sorted(refused))
            return f"the broker refuses the subscription to {topics} ({next(iter(refused.values()))}); {CURE}"
        if not self._connection.subscriptions.is_granted(self._topics.actions):
            # Also between the decision to become active and the subscription, because requests would be lost.
            return "the broker has not answered the subscriptions yet"
        return self._refusals.text or self._not_delivered()

    @property
    def rival(self) -> str:
        """Which other service is active, and what to do."""
        rival = self._presence.rival
        host = rival.host if rival else "?"
        return (
            f"another service (on {host}) is active on this broker with mqtt.base_topic {self._topics.base}, so this one "
            "takes no requests and publishes nothing; stop one of the two, or set another mqtt.base_topic for this one"
        )

    def tell(self, state: State) -> None:
        """Log that another service is active."""
        if state == "waiting":
            _log.error("mqtt.another_service", reason=self.rival)

    def _not_delivered(self) -> str:
        """What does not come back although the broker accepted it."""
        topic = self._topics.actions if self._probe.is_deaf else "" if self._presence.is_heard else self._topics.service
        return f"the broker delivers nothing of {topic} to the service; {CURE}" if topic else ""
