"""Retained documents at the broker: the things and the inbox, through a real mosquitto."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.waiting import wait_until
from twilio_binding.metrics import Metrics
from twilio_binding.mqtt import Client, Exchange
from twilio_binding.protocol.topics import Topics
from twilio_binding.sandbox.broker import BrokerProcess


@pytest.fixture
def topics() -> Topics:
    """Topics of nobody else."""
    return Topics(base=f"test-{uuid4().hex[:8]}")


@pytest.fixture
def exchange(broker: BrokerProcess, topics: Topics) -> Iterator[Exchange]:
    """The service's side, connected."""
    made = Exchange(broker.url, topics, client_id=topics.base, metrics=Metrics())
    made.start(lambda *_: None)
    wait_until(lambda: made.is_ready, 10, "the connection")
    yield made
    made.stop()


@pytest.fixture
def client(broker: BrokerProcess, topics: Topics) -> Iterator[Client]:
    """Somebody who reads."""
    with Client(broker.url, base=topics.base, timeout=30) as client:
        yield client


def test_inbox_stands_on_its_own_topic(exchange: Exchange, client: Client) -> None:
    """The inbox is published when there is one; half a character in a name does not prevent that."""
    exchange.publish_inbox([{"thingUID": "twilio:phone:a:1", "label": "half \ud83d"}])
    told = client.retained(client.topics.inbox)
    assert told is not None
    assert json.loads(told) == [{"thingUID": "twilio:phone:a:1", "label": "half ?"}]
    exchange.publish_inbox([])
    wait_until(lambda: client.retained(client.topics.inbox) == b"[]", 5)


def test_inbox_of_an_earlier_run_stands_until_there_is_a_new_one(
    exchange: Exchange, client: Client, broker: BrokerProcess
) -> None:
    """A start deletes the things of the previous process, whose statuses are unknown, but not the inbox."""
    exchange.publish_inbox([{"thingUID": "twilio:phone:a:1"}])
    exchange.publish_things([{"uid": "twilio:phone:a:b"}])
    wait_until(lambda: client.retained(client.topics.things) != b"[]", 5)
    exchange.stop()
    again = Exchange(broker.url, client.topics, client_id="again", metrics=Metrics())
    again.start(lambda *_: None)
    try:
        wait_until(lambda: client.retained(client.topics.status) == b"online", 5)
        wait_until(lambda: client.retained(client.topics.things) == b"[]", 5)
        assert client.retained(client.topics.inbox) == b'[{"thingUID":"twilio:phone:a:1"}]'
    finally:
        again.stop()


def test_nothing_stands_there(client: Client) -> None:
    """If nothing was ever published, reading returns nothing."""
    client.timeout = 0.2
    assert client.retained(client.topics.inbox) is None
