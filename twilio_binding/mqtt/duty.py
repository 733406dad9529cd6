"""What the service does at the broker while it acts, and while another service does."""

from __future__ import annotations

import threading

from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.mqtt.documents import Documents
from twilio_binding.mqtt.messages import Message
from twilio_binding.mqtt.presence import Presence, State
from twilio_binding.mqtt.reception import Reception
from twilio_binding.mqtt.self_report import SelfReport
from twilio_binding.protocol.topics import Topics
from twilio_binding.subscribers import Subscribers


def is_acting(connection: BrokerConnection, presence: Presence) -> bool:
    """Whether the service acts on this connection now."""
    return connection.is_connected and presence.state == "acting"


class Duty:
    """Follows the connection and who acts. Everything but `acts` and `stop` is for the connection's thread."""

    begun: Subscribers[[]]
    """This service acts: requests come in, and deliveries can go."""

    def __init__(
        self,
        topics: Topics,
        connection: BrokerConnection,
        presence: Presence,
        *,
        report: SelfReport,
        reception: Reception,
        documents: Documents,
    ) -> None:
        self._topics = topics
        self._service, self._status = topics.service, topics.status
        self._connection = connection
        self._presence = presence
        self._report = report
        self._reception = reception
        self._documents = documents
        self._stopping = threading.Event()
        self.begun = Subscribers()
        connection.connected.subscribe(self._connected)
        connection.received.subscribe(self._received)
        connection.ticked.subscribe(self._tick)
        presence.changed.subscribe(self._changed)

    @property
    def acts(self) -> bool:
        """Whether this service acts now."""
        return is_acting(self._connection, self._presence)

    def stop(self) -> None:
        """Say that the service is offline; what others say of themselves counts no more."""
        self._stopping.set()
        if self.acts:
            self._report.offline()

    def _connected(self) -> None:
        self._reception.connected()
        self._connection.subscribe(self._topics.service, self._topics.status)
        self._presence.connected()

    def _changed(self, state: State) -> None:
        topics = (self._topics.actions, self._topics.listeners, self._topics.bridge)
        if state == "waiting":
            self._connection.unsubscribe(*topics)
            self._reception.end()
            return
        self._report.online()
        self._connection.subscribe(*topics)
        self._documents.publish()
        self._reception.begin()
        self.begun.notify()

    def _tick(self) -> None:
        self._presence.tick()
        if self.acts:
            self._documents.tick()
            self._reception.tick()
            self._report.repeat(self._presence)

    def _received(self, message: Message) -> None:
        if message.topic == self._service and not self._stopping.is_set():
            self._presence.heard(message.payload, retained=message.retained)
        elif message.topic == self._status:
            self._hear_status(message.payload)
        elif self._presence.state == "acting":
            self._reception.take(message)
            return
        elif self._presence.state == "asking":
            self._reception.keep(message)
            return
        message.taken()

    def _hear_status(self, payload: bytes) -> None:
        if payload != b"offline" or self._stopping.is_set():
            return
        if self._presence.state == "acting":
            # The word of another service that has left, or of our own connection before this one.
            self._report.online()
        else:
            self._presence.left()
