"""Messages on their way to the broker."""

from __future__ import annotations

import gc
import weakref
from itertools import count

import pytest
from paho.mqtt.client import MQTTMessageInfo

from twilio_binding.mqtt.outgoing import Outgoing, Publication


class Broker:
    """Receives messages, and answers on request."""

    def __init__(self) -> None:
        self.outgoing = Outgoing()
        self._numbers = count(1)
        self.last = 0

    def _send(self, _topic: str, _payload: bytes, **_named: object) -> MQTTMessageInfo:
        self.last = next(self._numbers)
        return MQTTMessageInfo(self.last)

    def connect(self, limit: int = 0) -> None:
        """Greet, and show that the connection works."""
        self.outgoing.connected(self._send, mqtt_5=True, limit=limit, window=200)
        self.outgoing.prove()

    def publish(self, size: int) -> Publication:
        """Publish a payload of that many bytes."""
        return self.outgoing.publish("twilio/event/x/y", b"x" * size)

    def take(self) -> None:
        """Confirm what was sent last."""
        self.outgoing.acknowledged(self.last, "")


class Listener:
    """Wants to know what becomes of a message."""

    def __call__(self, _publication: Publication) -> None:
        """It is settled."""


@pytest.fixture
def broker() -> Broker:
    """A broker whose connection ended three times while a message of 300 bytes was alone under way."""
    broker = Broker()
    broker.connect()
    short = broker.publish(300)
    for _ in range(3):
        broker.outgoing.cut()
        broker.connect()
    assert short.is_final
    return broker


def test_longer_message_after_a_fatal_one(broker: Broker) -> None:
    """For messages longer than one that the broker cannot accept, one try is enough."""
    longer = broker.publish(400)
    broker.outgoing.cut()
    assert longer.is_final


@pytest.mark.parametrize("proof", ["taken", "limit"])
def test_wrong_verdict_on_a_size(broker: Broker, proof: str) -> None:
    """After the broker accepted such a length, or announced its limit, a single lost connection makes no message final."""
    if proof == "taken":
        broker.publish(350)
        broker.take()
    else:
        broker.outgoing.cut()
        broker.connect(limit=10_000)
    longer = broker.publish(400)
    broker.outgoing.cut()
    assert not longer.is_settled
    broker.connect()
    broker.take()
    assert longer.is_confirmed


def test_shorter_message_proves_nothing(broker: Broker) -> None:
    """An accepted shorter message says nothing about longer ones."""
    broker.publish(200)
    broker.take()
    longer = broker.publish(400)
    broker.outgoing.cut()
    assert longer.is_final


@pytest.mark.parametrize("when", ["waiting", "under way"])
def test_withdrawn_messages_take_no_memory(when: str) -> None:
    """Withdrawn messages take no memory, even if the broker never confirms anything, and are not sent again."""
    broker = Broker()
    if when == "under way":
        broker.connect()
    listeners = [Listener() for _ in range(3)]
    messages = [broker.outgoing.publish("twilio/event/x/y", b"x", then=each) for each in listeners]
    for message in messages[:2]:
        message.withdraw()
    broker.outgoing.cut()
    kept = [weakref.ref(each) for each in listeners]
    del message, messages, listeners
    gc.collect()
    assert [one() is None for one in kept] == [True, True, False]
