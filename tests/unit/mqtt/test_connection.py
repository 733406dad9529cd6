"""The connection to the broker, where paho's threads get in each other's way."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import paho.mqtt.publish
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.odd_broker import OddBroker, packet
from tests.waiting import wait_until
from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.mqtt.messages import Message
from twilio_binding.mqtt.wire import BoundedClient, no_delay
from twilio_binding.sandbox.broker import BrokerProcess


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (AttributeError, "the connection was closed"),
        (ValueError, "the connection was closed"),
        (OSError, "unexpected: OSError"),
    ],
)
def test_socket_that_is_taken_away_while_it_is_opened(
    broker: BrokerProcess, monkeypatch: pytest.MonkeyPatch, error: type[Exception], told: str
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
    assert [reason.partition(";")[0] for reason in reasons] == [f"the broker does not answer ({told})"]


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


BODIES = [b"", b"1", b"x" * 127, b"y" * 128, b"z" * 5000, b"last"]
STREAM = b"".join(packet(0x30, b"\0\5cut/x\0" + body) for body in BODIES)


@pytest.mark.parametrize("size", [1, 2, 7, 4095, 4096, 4097, len(STREAM)])
def test_packets_however_they_are_cut(size: int) -> None:
    """Several packets in one piece, or one in many pieces: each message arrives once, in order."""

    def subscribed(client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(STREAM), size):
            client.sendall(STREAM[at : at + size])

    with OddBroker(subscribed=subscribed) as broker, subscriber(broker.url) as heard:
        wait_until(lambda: len(heard) >= len(BODIES), 15, "all messages")
        assert heard == BODIES


def test_connection_that_ends_in_a_packet() -> None:
    """What was read of a lost connection does not mix with what the next one brings."""
    connections: list[socket.socket] = []

    def subscribed(client: socket.socket) -> None:
        connections.append(client)
        if len(connections) == 1:
            client.sendall(STREAM[: len(STREAM) // 2])
            client.shutdown(socket.SHUT_RDWR)
        else:
            client.sendall(STREAM)

    with OddBroker(subscribed=subscribed) as broker, subscriber(broker.url) as heard:
        wait_until(lambda: heard[-1:] == BODIES[-1:], 15, "the last message")
        assert heard == BODIES[:4] + BODIES


def test_messages_in_both_directions_at_once(broker: BrokerProcess) -> None:
    """A message leaves on the thread that publishes it, and none is left behind, whatever arrives meanwhile."""
    heard: list[bytes] = []
    done: list[int] = []
    connection = BrokerConnection(broker.url, client_id="both")
    connection.connected.subscribe(lambda: connection.subscribe("both/+"))
    connection.received.subscribe(lambda message: heard.append(message.payload))
    connection.start()
    assert connection.wait(10)

    def publish(who: int) -> None:
        for number in range(40):
            connection.publish(f"both/{who}", f"{who} {number} ".encode() + b"x" * 3000).wait_for_publish(20)
        done.append(who)

    threads = [threading.Thread(target=publish, args=(who,)) for who in range(5)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(done) == [0, 1, 2, 3, 4]
        wait_until(lambda: len(heard) >= 200, 20, "all messages")
        for who in range(5):
            own = [int(payload.split()[1]) for payload in heard if payload.startswith(b"%d " % who)]
            assert own == list(range(40))
    finally:
        connection.stop()


@contextmanager
def subscriber(url: str) -> Iterator[list[bytes]]:
    """A connection with a subscription; the bodies that it hears."""
    heard: list[bytes] = []
    connection = BrokerConnection(url, client_id="cut")
    connection.connected.subscribe(lambda: connection.subscribe("cut/x"))
    connection.received.subscribe(lambda message: heard.append(message.payload))
    connection.start()
    try:
        yield heard
    finally:
        connection.stop()


def test_no_socket_at_all() -> None:
    """Where the socket is gone already there is nothing to set."""
    no_delay(BoundedClient(CallbackAPIVersion.VERSION2), None, None)
