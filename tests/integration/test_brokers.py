"""Brokers of other kinds, and how the service reports what is wrong with one."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.odd_broker import OddBroker
from tests.waiting import wait_until
from twilio_binding.errors import DependencyDownError
from twilio_binding.metrics import Metrics
from twilio_binding.mqtt import Client, Exchange, outgoing
from twilio_binding.mqtt.address import BadBrokerURLError, parse_broker_url
from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.mqtt.messages import Message
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.topics import Topics
from twilio_binding.sandbox.broker import BrokerProcess
from twilio_binding.sandbox.ports import free_port


@pytest.fixture
def old_broker() -> Iterator[BrokerProcess]:
    """A broker that only supports MQTT 3.1.1, and does not answer clients with version 5."""
    with BrokerProcess(kind="amqtt") as broker:
        yield broker


def test_broker_without_mqtt_5(old_broker: BrokerProcess) -> None:
    """With a broker without MQTT 5, the service uses 3.1.1, and can publish and receive."""
    heard: list[Message] = []
    connection = BrokerConnection(old_broker.url, client_id="old")
    connection.connected.subscribe(lambda: connection.subscribe("t/#"))
    connection.received.subscribe(heard.append)
    connection.start()
    assert connection.wait(15)
    connection.publish("t/1", b"x").wait_for_publish(10)
    wait_until(lambda: heard)
    connection.stop()
    assert (heard[0].topic, heard[0].payload) == ("t/1", b"x")


def test_silence_is_no_broker() -> None:
    """A port that accepts connections and stays silent is not a broker, and does not delay a stop."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        connection = BrokerConnection(f"mqtt://127.0.0.1:{port}", client_id="s")
        connection.start()
        assert not connection.wait(0.5)
        connection.stop()


def test_not_ready_before_requests_are_subscribed_to(broker: BrokerProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request as soon as the service is ready is handled: before the subscription, it would be lost."""
    exchange = Exchange(broker.url, Topics(base="early"), client_id="early", metrics=Metrics())
    subscribe, seen = exchange._connection.subscribe, list[tuple[str, bool]]()

    def watched(*topics: str) -> None:
        seen.append((topics[0], exchange.is_ready))
        subscribe(*topics)

    monkeypatch.setattr(exchange._connection, "subscribe", watched)
    exchange.start(lambda *_: None)
    wait_until(lambda: exchange.is_ready, 10)
    exchange.stop()
    assert seen == [("early/service", False), ("early/action/+/+", False)]


def test_a_text_is_published_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that the broker has not confirmed is an error, also before the first connection, and does not come later."""
    monkeypatch.setattr(outgoing, "_CONFIRMATION", 0.2)
    codes = {"house/no": 0x87}
    with OddBroker(puback=lambda topic: codes.get(topic, 0)) as broker:
        exchange = Exchange(broker.url, Topics(), client_id="texts", metrics=Metrics())
        with pytest.raises(DependencyDownError):
            exchange.publish_text("house/early", "fire")
        exchange.start(lambda *_: None)
        monkeypatch.setattr(outgoing, "_CONFIRMATION", 10.0)
        exchange.publish_text("house/yes", "fire")
        with pytest.raises(Refusal) as refused:
            exchange.publish_text("house/no", "fire")
        with pytest.raises(Refusal) as impossible:
            exchange.publish_text("house/#", "fire")
        exchange.stop()
    assert (refused.value.retryable, impossible.value.retryable) == (True, False)
    assert [topic for topic in broker.published if topic.startswith("house/")] == ["house/yes", "house/no"]


def test_program_without_a_broker() -> None:
    """A program without a broker gets that as the error, and not only a timeout."""
    client = Client(f"mqtt://127.0.0.1:{free_port()}", timeout=2)
    client.start()
    result = client.call("twilio:phone:a:b", "sendSMS", {"to": "+15557654321", "message": "x"})
    client.stop()
    assert (result.ok, result.code, result.retryable) == (False, "timeout", True)
    assert result.message.startswith(
        "no MQTT broker: the broker does not answer (connection refused: no program listens at this port); "
    )


@pytest.mark.parametrize("url", ["http://x", "mqtt://", "mqtt://host:port", "127.0.0.1:1883", ""])
def test_bad_url(url: str) -> None:
    """An invalid URL is refused with the required form."""
    with pytest.raises(BadBrokerURLError, match=r"mqtt\.url"):
        parse_broker_url(url)


def test_password_is_not_shown() -> None:
    """User and password are read with their escapes, and the repr does not contain the password."""
    address = parse_broker_url("mqtts://me:s%40cret@broker.lan")
    assert (address.username, address.password, address.port, address.tls) == ("me", "s@cret", 8883, True)
    assert "cret" not in repr(address)
