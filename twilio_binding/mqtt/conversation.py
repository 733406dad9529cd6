"""Handles the messages of the broker on a connection."""

from __future__ import annotations

from functools import partial

import paho.mqtt.client as paho
import structlog
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from twilio_binding.mqtt.broker_state import BrokerState
from twilio_binding.mqtt.dialect import Dialect
from twilio_binding.mqtt.messages import Message
from twilio_binding.mqtt.outgoing import WINDOW, Outgoing
from twilio_binding.mqtt.subscriptions import Subscriptions
from twilio_binding.mqtt.wire import BoundedClient
from twilio_binding.subscribers import Subscribers

_log = structlog.get_logger(__name__)

_TAKEN_OVER = 0x8E
"""The reason code of DISCONNECT when another client uses the same client id."""


class Conversation:
    """Handles what the broker says, on the connection's thread.

    `keeps`: messages are acknowledged by their `taken`, and not by paho.
    """

    connected: Subscribers[[]]
    received: Subscribers[Message]
    taken_over: Subscribers[[]]
    """Notified when another client with the same client id made the broker end this connection."""

    def __init__(self, state: BrokerState, dialect: Dialect, *, keeps: bool) -> None:
        self._state = state
        self._dialect = dialect
        self._keeps = keeps
        self._connections = 0
        self._client: BoundedClient
        self.connected, self.received, self.taken_over = Subscribers(), Subscribers(), Subscribers()
        self.outgoing = Outgoing()
        self.subscriptions = Subscriptions()

    def bind(self, client: BoundedClient) -> None:
        """Listen to a paho client, and send through it."""
        self._client = client
        client.listen(self, self.outgoing.acknowledged)

    def tick(self) -> None:
        """Subscribe again to topics that were refused; called regularly."""
        self.subscriptions.repeat(self._client.subscribe)

    def greeted(self, reason: ReasonCode, properties: Properties | None) -> None:
        """Handle the broker's answer to CONNECT."""
        if reason.is_failure:
            self._state.happened("refuse")
            self._state.blame(f"the broker refuses the connection: {reason}")
            return
        self._state.happened("greet")
        self._dialect.greeted()
        self._connections += 1
        self.subscriptions.clear()
        self.outgoing.connected(
            self._client.publish,
            mqtt_5=self._dialect.is_mqtt_5,
            limit=getattr(properties, "MaximumPacketSize", 0),
            window=getattr(properties, "ReceiveMaximum", WINDOW),
        )
        self.connected.notify()
        self._state.happened("serve")
        if self.subscriptions.is_answered:
            self.outgoing.prove()  # there is no subscription to wait for

    def broke(self, reason: ReasonCode) -> None:
        """Handle the end of the connection."""
        was_up = self._state.is_up
        self._state.happened("break")
        self.outgoing.cut()
        if not self._state.stopping.is_set():
            self._state.reason = self._state.reason or f"the connection to the broker broke ({reason})"
            if was_up:
                _log.info("mqtt.lost", reason=str(reason))
        if reason.value == _TAKEN_OVER:
            self.taken_over.notify()

    def subscribed(self, number: int, reasons: list[ReasonCode]) -> None:
        """Handle the broker's answer to a subscription."""
        self.outgoing.prove()
        self.subscriptions.answered(number, [str(reason) if reason.is_failure else "" for reason in reasons])

    def receive(self, message: paho.MQTTMessage, *, oversized: bool) -> None:
        """Handle a message."""
        properties = message.properties
        taken = partial(self._acknowledge, message.mid, self._connections)
        try:
            self.received.notify(
                Message(
                    topic=message.topic,
                    payload=bytes(message.payload),
                    retained=message.retain,
                    reply_to=getattr(properties, "ResponseTopic", "") or "",
                    correlation=getattr(properties, "CorrelationData", b"") or b"",
                    oversized=oversized,
                    comes_again=self._keeps and message.qos > 0,
                    taken=taken,
                )
            )
        except Exception:
            # An error in handling a message must not end the connection.
            _log.exception("mqtt.message_failed")
            taken()

    def _acknowledge(self, message_id: int, connection: int) -> None:
        # On another connection it arrives again, and its number may belong to another message. With QoS 0 it has no number, and
        # acknowledging it is an error for which the broker ends the connection.
        if message_id and self._keeps and connection == self._connections and self._state.is_up:
            self._client.ack(message_id, 1)
