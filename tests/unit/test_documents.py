"""Retained lists at the broker."""

from __future__ import annotations

from collections.abc import Callable

from paho.mqtt.client import MQTTMessageInfo

from tests.conftest import Announced
from twilio_binding.mqtt.documents import Documents
from twilio_binding.mqtt.outgoing import Outgoing, Publication

TOPIC = "twilio/things"


def test_one_under_way_at_a_time() -> None:
    """An unconfirmed list is not published again beside itself on each connection; otherwise one that ends them would go on forever."""
    sent: list[Publication] = []

    def publish(
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        correlation: bytes = b"",
        then: Callable[[Publication], None] = lambda _: None,
    ) -> Publication:
        sent.append(Publication(topic=topic, payload=payload, retain=retain, correlation=correlation, then=then))
        return sent[-1]

    documents = Documents(publish)
    documents.put(TOPIC, [{"uid": "a"}])
    for _ in range(3):
        documents.publish()
    assert len(sent) == 1
    documents.put(TOPIC, [{"uid": "b"}])
    documents.publish()
    assert [publication.is_withdrawn for publication in sent] == [True, False]
    sent[1].settle()
    documents.publish()
    assert len(sent) == 3


def test_limit_that_is_raised(announced: Announced) -> None:
    """A list shortened for the limit of one connection is complete on the next one that accepts it."""
    announced("mqtt.document_shortened")
    outgoing, sent = Outgoing(), list[bytes]()

    def send(_topic: str, payload: bytes, **_named: object) -> MQTTMessageInfo:
        sent.append(payload)
        return MQTTMessageInfo(len(sent))

    documents = Documents(outgoing.publish)
    documents.put(TOPIC, [{"uid": "a", "description": "x" * 500}])
    for limit in (300, 300, 0):
        outgoing.connected(send, mqtt_5=True, limit=limit, window=200)
        documents.publish()
        outgoing.acknowledged(len(sent), "")
    assert [len(payload) > 300 for payload in sent] == [False, False, True]


def test_broker_that_ends_connections_at_long_lists(announced: Announced) -> None:
    """A list that ended connections stays shortened on the next ones."""
    announced("mqtt.document_shortened")
    outgoing, sent = Outgoing(), list[bytes]()

    def send(_topic: str, payload: bytes, **_named: object) -> MQTTMessageInfo:
        sent.append(payload)
        return MQTTMessageInfo(len(sent))

    documents = Documents(outgoing.publish)
    documents.put(TOPIC, [{"uid": "a", "description": "x" * 500}])
    for _ in range(6):
        outgoing.connected(send, mqtt_5=True, limit=0, window=200)
        outgoing.prove()
        documents.publish()
        if len(sent[-1]) < 300:
            outgoing.acknowledged(len(sent), "")
        outgoing.cut()
    assert [len(payload) > 300 for payload in sent] == [True, True, True, False, False, False]
