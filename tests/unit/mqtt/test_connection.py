"""The connection to the broker, where paho's threads get in each other's way."""

from __future__ import annotations

import paho.mqtt.publish
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.waiting import wait_until
from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.mqtt.messages import Message
from twilio_binding.mqtt.wire import BoundedClient, no_delay
from twilio_binding.sandbox.broker import BrokerProcess


@pytest.mark.parametrize("error", [AttributeError, ValueError, OSError])
def test_socket_that_is_taken_away_while_it_is_opened(
    broker: BrokerProcess, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """A publish on another thread may close the socket that is being opened: the connection is tried again."""
    reasons: list[str] = []
    connection = BrokerConnection(broker.url, client_id="race")
    connection.failed.subscribe(reasons.append)
    wire = connection._wire
    opening = wire.open

    def taken_away() -> None:
        monkeypatch.setattr(wire, "open", opening)
        raise error

    monkeypatch.setattr(wire, "open", taken_away)
    connection.start()
    wait_until(lambda: connection.is_connected, 5, "the second try")
    connection.stop()
    assert [reason.partition(";")[0] for reason in reasons] == [f"the broker does not answer ({error.__name__})"]


def test_message_without_receipt(broker: BrokerProcess) -> None:
    """A message with QoS 0, such as the script's answers to calls, is not acknowledged: the connection stays."""
    heard: list[Message] = []
    connects: list[int] = []

    def connected() -> None:
        connects.append(1)
        connection.subscribe("receipts/+")

    def take(message: Message) -> None:
        heard.append(message)
        message.taken()

    connection = BrokerConnection(broker.url, client_id="receipts", session_seconds=60, keeps=True)
    connection.connected.subscribe(connected)
    connection.received.subscribe(take)
    connection.start()
    wait_until(lambda: connection.is_connected, 5, "the connection")
    host, port = broker.url.removeprefix("mqtt://").split(":")
    try:
        for count in range(1, 7):
            paho.mqtt.publish.single("receipts/x", b"x", qos=count % 2, hostname=host, port=int(port))
            wait_until(lambda count=count: len(heard) >= count, 5, "the message")  # type: ignore[misc]
        assert connects == [1]
    finally:
        connection.stop()


def test_no_socket_at_all() -> None:
    """Where the socket is gone already there is nothing to set."""
    no_delay(BoundedClient(CallbackAPIVersion.VERSION2), None, None)
