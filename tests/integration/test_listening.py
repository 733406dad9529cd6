"""Programs that begin to listen while they connect."""

from __future__ import annotations

import json
from queue import SimpleQueue

from tests.waiting import wait_until
from twilio_binding.actions import connect, listen
from twilio_binding.sandbox.broker import Broker

PHONE = "twilio:phone:a:b"
CHANNELS = ("call-received", "dtmf-received", "sms-received")


def test_nothing_is_missed_by_who_listens_while_connecting() -> None:
    """Whenever a program begins to listen, it hears every channel, and says so."""
    with Broker() as broker, connect(broker.url, name="teller") as teller:
        for n in range(20):
            client = connect(broker.url, name=f"listener-{n}")
            client.start()
            came = listen(PHONE, *CHANNELS, client=client)
            try:
                told = client.topics.listener(client.name)
                wait_until(lambda told=told: _channels(teller.retained(told)) == set(CHANNELS), 10, "the listener")  # type: ignore[misc]
                for channel in CHANNELS:
                    teller._connection.publish(client.topics.event(PHONE, channel), b'{"n":"1"}')
                assert {came.get(timeout=10)[0] for _ in CHANNELS} == set(CHANNELS)
            finally:
                client.stop()


def test_every_handler_of_a_channel_is_called() -> None:
    """Two rules on one channel both hear an event, in the order in which they came."""
    heard: SimpleQueue[str] = SimpleQueue()
    with Broker() as broker, connect(broker.url) as client:
        client.on(PHONE, "sms-received", lambda _: heard.put("first"))
        client.on(PHONE, "sms-received", lambda _: heard.put("second"))
        client._connection.publish(client.topics.event(PHONE, "sms-received"), b"{}")
        assert [heard.get(timeout=10) for _ in range(2)] == ["first", "second"]


def _channels(payload: bytes | None) -> set[str]:
    return {uid.rpartition(":")[2] for uid in json.loads(payload)["channels"]} if payload else set()
