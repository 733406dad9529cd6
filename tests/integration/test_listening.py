"""Programs that begin to listen while they connect."""

from __future__ import annotations

import json
from queue import SimpleQueue

from tests.waiting import wait_until
from twilio_binding.actions import connect
from twilio_binding.mqtt import Client
from twilio_binding.sandbox.broker import BrokerProcess

PHONE = "twilio:phone:a:b"


def test_nothing_is_missed_by_who_listens_while_connecting() -> None:
    """A program hears the channel whenever it begins to listen, even at the moment when it connects."""
    with BrokerProcess() as broker, connect(broker.url, name="teller") as teller:
        for n in range(10):
            _listen_while_connecting(teller, connect(broker.url, name=f"listener-{n}"))


def test_every_handler_of_a_channel_is_called() -> None:
    """Two handlers of one channel both get an event, in their order."""
    heard: SimpleQueue[str] = SimpleQueue()
    with BrokerProcess() as broker, connect(broker.url) as client:
        client.on(PHONE, "sms-received", lambda _: heard.put("first"))
        client.on(PHONE, "sms-received", lambda _: heard.put("second"))
        client._connection.publish(client.topics.event(PHONE, "sms-received"), b"{}")
        assert [heard.get(timeout=30) for _ in range(2)] == ["first", "second"]


def _listen_while_connecting(teller: Client, client: Client) -> None:
    heard: SimpleQueue[str] = SimpleQueue()
    channels: list[str] = []
    client.start()
    try:
        while not client._connection.is_connected:
            channels.append(f"c{len(channels)}")
            client.on(PHONE, channels[-1], lambda event: heard.put(str(event["channel"])))
        wait_until(lambda: _told(teller, client.name) == set(channels), 10, "the last word")
        for channel in channels:
            event = json.dumps({"channel": channel}).encode()
            teller._connection.publish(client.topics.event(PHONE, channel), event)
        assert {heard.get(timeout=30) for _ in channels} == set(channels)
    finally:
        client.stop()


def _told(teller: Client, name: str) -> set[str]:
    payload = teller.retained(teller.topics.listener(name))
    return {uid.rpartition(":")[2] for uid in json.loads(payload)["channels"]} if payload else set()
