"""What the broker says on a connection, and what follows from it."""

from __future__ import annotations

from functools import partial

import paho.mqtt.client as paho
import structlog
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from twilio_binding.mqtt.broker_state import BrokerState
from twilio_binding.mqtt.dialect import Dialect
from twilio_binding.mqtt.messages import Message
from twilio_binding.mqtt.notes import Notes
from twilio_binding.mqtt.outgoing import WINDOW, Outgoing, Publication
from twilio_binding.mqtt.paho_client import BoundedClient
from twilio_binding.mqtt.subscriptions import Subscriptions
from twilio_binding.subscribers import Subscribers

_log = structlog.get_logger(__name__)

_TAKEN_OVER = 0x8E
"""The reason of DISCONNECT when another client came with the same client id."""


class Conversation:
    """Takes note of what paho tells, and acts on it when the connection's thread works the notes off.

    `keeps` says that messages are acknowledged by their `taken`, and not by paho.
    """

    connected: Subscribers[[]]
    received: Subscribers[Message]
    taken_over: Subscribers[[]]
    """Another client has come with the same client id, so the broker has ended this connection."""

    def __init__(self, state: BrokerState, dialect: Dialect, *, keeps: bool) -> None:
        self._state = state
        self._dialect = dialect
        self._keeps = keeps
        self._connections = 0
        self._client: BoundedClient
        self.connected, self.received, self.taken_over = Subscribers(), Subscribers(), Subscribers()
        self.notes = Notes()
        self.outgoing = Outgoing()
        self.subscriptions = Subscriptions()

    def bind(self, client: BoundedClient) -> None:
        """Listen to a client of paho, and send through it.

        paho calls these while it holds locks that a publish on another thread may wait for, so they only take note.
        """
        self._client = client
        note = self.notes.note
        client.on_connect = lambda _client, _data, _flags, reason, properties: self._note_greeting(reason, properties)
        client.on_disconnect = lambda _client, _data, _flags, reason, _props: note(self._broke, reason)
        client.on_publish = lambda _client, _data, number, reason, _props: note(
            self.outgoing.acknowledged, number, str(reason) if reason.is_failure else ""
        )
        client.on_subscribe = lambda _client, _data, number, reasons, _props: note(self._subscribed, number, reasons)
        client.on_message = lambda _client, _data, message: note(self._received, message, oversized=client.is_oversized)

    def tick(self) -> None:
        """Some time has passed: subscribe again to what was refused."""
        self.subscriptions.repeat(self._client.subscribe)

    def _note_greeting(self, reason: ReasonCode, properties: Properties | None) -> None:
        # What has no receipt yet is sent anew by `Outgoing`; paho would send it as it is, for ever.
        self._client.drop_out_messages()
        self.notes.note(self._greeted, reason, properties)

    def _greeted(self, reason: ReasonCode, properties: Properties | None) -> None:
        if reason.is_failure:
            self._state.happened("refuse")
            self._state.blame(f"the broker refuses the connection: {reason}")
            return
        self._state.happened("greet")
        self._dialect.greeted()
        self._connections += 1
        self.subscriptions.clear()
        self.outgoing.connected(
            self._send,
            mqtt_5=self._dialect.is_mqtt_5,
            limit=getattr(properties, "MaximumPacketSize", 0),
            window=getattr(properties, "ReceiveMaximum", WINDOW),
        )
        self.connected.notify()
        self._state.happened("serve")
        if self.subscriptions.is_answered:
            self.outgoing.prove()  # nothing was asked that could be waited for

    def _send(self, publication: Publication, properties: Properties | None) -> int | None:
        try:
            info = self._client.publish(
                publication.topic,
                publication.payload,
                qos=1,
                retain=publication.retain,
                properties=properties,
            )
        except (OSError, AttributeError, ValueError):
            return None  # the connection is ending, which its thread will see
        return info.mid

    def _broke(self, reason: ReasonCode) -> None:
        was_up = self._state.is_up
        self._state.happened("break")
        self.outgoing.cut()
        if not self._state.stopping.is_set():
            self._state.reason = self._state.reason or f"the connection to the broker broke ({reason})"
            if was_up:
                _log.info("mqtt.lost", reason=str(reason))
        if reason.value == _TAKEN_OVER:
            self.taken_over.notify()

    def _subscribed(self, number: int, reasons: list[ReasonCode]) -> None:
        self.outgoing.prove()
        self.subscriptions.answered(number, [str(reason) if reason.is_failure else "" for reason in reasons])

    def _received(self, message: paho.MQTTMessage, *, oversized: bool) -> None:
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
            # A message must never end the connection.
            _log.exception("mqtt.message_failed")
            taken()

    def _acknowledge(self, message_id: int, connection: int) -> None:
        # On another connection it comes again, and its number may be another message's. One with QoS 0 has no number, and
        # an acknowledgement of it is an error for which the broker ends the connection.
        if message_id and self._keeps and connection == self._connections and self._state.is_up:
            self._client.ack(message_id, 1)
