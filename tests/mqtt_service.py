"""The MQTT part of the service, and another client, for tests with real brokers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from twilio_binding.incoming.delivery import DeliveryLane
from twilio_binding.metrics import Metrics
from twilio_binding.model.events import Event
from twilio_binding.mqtt import Exchange, ServiceClaim
from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.mqtt.messages import Message
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.protocol.topics import Topics
from twilio_binding.store import Database, SqliteJournal

PHONE = "twilio:phone:a:b"
EVENT = f"twilio/event/{PHONE}/sms-received"
SEND = f"twilio/action/{PHONE}/sendSMS"
SHORT_FORM = b'{"to":"+15557654321","message":"x"}'
Submit = Callable[[Request, Callable[[Reply], None], Callable[[], None]], None]


class Service:
    """Journal, lane and exchange; `asked` are the received requests."""

    def __init__(
        self, folder: Path, url: str, submit: Submit | None = None, *, name: str = "service", client_id: str = ""
    ) -> None:
        self.metrics = Metrics()
        self.asked: list[Request] = []
        self.database = Database(folder / f"{name}.db")
        self.database.start()
        self.journal = SqliteJournal(self.database)
        self.exchange = Exchange(
            url,
            Topics(),
            client_id=client_id or name,
            metrics=self.metrics,
            claim=ServiceClaim(instance=f"{name}-{id(self):x}", store=name, host=name),
        )
        self.lane = DeliveryLane("mqtt", self.journal, self.exchange.deliver, batch=25, metrics=self.metrics)
        self.journal.on_change(self.lane.wake)
        self.exchange.ready.subscribe(self.lane.resume)
        self.exchange.start(submit or self._asked)
        self.lane.start()

    def _asked(self, request: Request, _: Callable[[Reply], None], taken: Callable[[], None]) -> None:
        self.asked.append(request)
        taken()

    def comes(self, body: str) -> None:
        """Let a text come in."""
        payload = json.dumps({"body": body}, ensure_ascii=False)
        states = (("last-message-body", body), ("last-message-from", "+1555"))
        self.journal.record(Event(thing=PHONE, states=states, channel="sms-received", payload=payload, lifetime=600))

    def count(self, outcome: str) -> float:
        """The number of events with this outcome."""
        found = self.metrics.registry.get_sample_value(
            "twilio_binding_deliveries_total", {"lane": "mqtt", "outcome": outcome}
        )
        return found or 0

    def stop(self) -> None:
        """Stop."""
        self.lane.stop()
        self.exchange.stop()
        self.database.stop()

    def die(self) -> None:
        """Lose the connection without a last message, like a SIGKILL, and stop."""
        connection = self.exchange._connection
        connection._state.stopping.set()
        connection._wire.client._sock_close()
        self.stop()


@contextmanager
def service(
    folder: Path, url: str, submit: Submit | None = None, *, name: str = "service", client_id: str = ""
) -> Iterator[Service]:
    """A service during the block."""
    made = Service(folder, url, submit, name=name, client_id=client_id)
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def somebody(url: str, *topics: str) -> Iterator[tuple[BrokerConnection, list[Message]]]:
    """A client that subscribes to these topics."""
    heard: list[Message] = []
    connection = BrokerConnection(url, client_id="somebody")
    connection.connected.subscribe(lambda: connection.subscribe(*topics))
    connection.received.subscribe(heard.append)
    connection.start()
    try:
        assert connection.wait(30)
        yield connection, heard
    finally:
        connection.stop()


def payloads(heard: Sequence[Message], topic: str) -> list[bytes]:
    """The messages on a topic."""
    return [message.payload for message in heard if message.topic == topic]
