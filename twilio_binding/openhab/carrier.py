"""How events reach openHAB: through the script inside it, else as item states and through the relay rule."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import structlog

from twilio_binding.bridge_protocol import FINAL, BridgeEvent
from twilio_binding.flows.ports import Delivery, NeighbourAwayError
from twilio_binding.metrics import Metrics
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.door import Door
from twilio_binding.openhab.express import Express
from twilio_binding.openhab.links import Links
from twilio_binding.openhab.relay import Firing, Relay

_log = structlog.get_logger(__name__)


class Carrier:
    """Carries events; an id is the same on each way, so that one that was carried on both takes effect once."""

    def __init__(self, url: str, token: str, secret: str, links: Links, metrics: Metrics) -> None:
        self._url, self._token, self._secret = url, token, secret
        self._links = links
        self._metrics = metrics
        self.relay = Relay(secret)
        self.door = Door(secret)
        self._local = threading.local()
        self._expresses: list[Express] = []

    def close(self) -> None:
        """Close the connections."""
        for express in self._expresses:
            express.close()

    def carry(self, deliveries: Sequence[Delivery], *, can_bring: bool, can_relay: bool, reason: str) -> None:
        """Carry events in order; raises `NeighbourAwayError` with `reason` when there is no way.

        What openHAB refuses for good (a state that does not fit its item) is logged and left out.
        """
        if can_bring:
            deliveries = self._bring(deliveries)
        if deliveries and not can_relay:
            raise NeighbourAwayError(reason)
        if deliveries:
            self._relay(deliveries)

    def has_script_for(self, seconds: float) -> bool:
        """Whether the script has been in openHAB for so long, by its own word."""
        return self.door.has_answered_for(seconds, self._express())

    def put(self, item: str, state: str) -> None:
        """Set an item's state."""
        try:
            self._express().put_state(item, state)
        except OpenHABRefusedError as error:
            _log.warning("openhab.state_refused", item=item, reason=str(error))

    def _bring(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Bring events to the script; returns those of things that it does not have."""
        answers = self.door.bring(self._express(), [self._bridge_event(delivery) for delivery in deliveries])
        for answer in answers:
            if answer.outcome == "not_ready":
                raise NeighbourAwayError(f"a thing is not ready in openHAB: {answer.text}")
            if answer.outcome not in ("done", "seen", "unknown_thing"):
                _log.warning("bridge.event", outcome=answer.outcome, reason=answer.text)
        return [delivery for delivery, answer in zip(deliveries, answers, strict=True) if answer.outcome not in FINAL]

    def _relay(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            for channel, state in delivery.event.states:
                for item in self._links.items(f"{delivery.event.thing}:{channel}"):
                    self.put(item, state)
        firings = [
            Firing(
                id=self._id(delivery),
                channel=f"{delivery.event.thing}:{delivery.event.channel}",
                payload=delivery.event.payload,
            )
            for delivery in deliveries
            if _fires(delivery)
        ]
        try:
            if firings:
                self.relay.fire(self._express(), firings)
        except NeighbourAwayError:
            self._metrics.refires.inc(len(firings))
            raise

    def _bridge_event(self, delivery: Delivery) -> BridgeEvent:
        event = delivery.event
        channel, payload = (event.channel, event.payload) if _fires(delivery) else ("", "")
        return BridgeEvent(
            id=self._id(delivery), thing=event.thing, states=event.states, channel=channel, payload=payload
        )

    def _id(self, delivery: Delivery) -> str:
        return f"{self._secret[:8]}-{delivery.id}"

    def _express(self) -> Express:
        """The connection of the calling thread; it is closed with this carrier."""
        express: Express | None = getattr(self._local, "express", None)
        if express is None:
            express = self._local.express = Express(self._url, self._token)
            self._expresses.append(express)
        return express


def _fires(delivery: Delivery) -> bool:
    return bool(delivery.event.channel) and not delivery.stale
