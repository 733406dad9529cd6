"""Brokers that behave unlike mosquitto: refused subscriptions, quotas, small windows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.mqtt_service import service
from tests.odd_broker import OddBroker
from tests.waiting import wait_until


@pytest.mark.parametrize("code", [0x80, 0x87, 0x8F, 0x97])
@pytest.mark.parametrize("topic", ["twilio/action/+/+", "twilio/listener/+", "twilio/bridge", "twilio/service"])
def test_subscription_that_is_refused(tmp_path: Path, code: int, topic: str) -> None:
    """With a refused subscription, MQTT is not up: topic and cure are shown, and the service subscribes again."""
    refused = {topic}
    with (
        OddBroker(suback=lambda asked: code if asked in refused else 1) as broker,
        service(tmp_path, broker.url) as one,
    ):
        wait_until(lambda: f"refuses the subscription to {topic}" in one.exchange.reason, 15)
        assert "access list" in one.exchange.reason
        refused.clear()
        wait_until(lambda: one.exchange.is_ready, 15)


@pytest.mark.parametrize("code", [0x80, 0x83, 0x87, 0x90, 0x97, 0x99])
def test_publish_that_is_refused(tmp_path: Path, announced: Announced, code: int) -> None:
    """Whatever the reason of a refusal, the event is not delivered but set aside, and the next one goes out."""
    announced("mqtt.publish_refused", "delivery.set_aside")
    refused = True
    with (
        OddBroker(puback=lambda topic: code if refused and "/event/" in topic else 0) as broker,
        service(tmp_path, broker.url) as one,
    ):
        wait_until(lambda: one.exchange.is_ready, 10)
        one.comes("refused")
        wait_until(lambda: one.count("set_aside") == 1, 15)
        assert one.count("delivered") == 0
        assert "twilio/event" in one.exchange.reason
        refused = False
        one.comes("taken")
        wait_until(lambda: one.count("delivered") == 1 and one.exchange.is_ready, 10)


def test_nobody_listens(tmp_path: Path) -> None:
    """A message without subscribers (0x10) is not refused."""
    with OddBroker(puback=lambda _: 0x10) as broker, service(tmp_path, broker.url) as one:
        wait_until(lambda: one.exchange.is_ready, 10)
        one.comes("x")
        wait_until(lambda: one.count("delivered") == 1, 10)


def test_broker_that_takes_one_message_at_a_time(tmp_path: Path) -> None:
    """A Receive Maximum of 1 is respected, and all events arrive."""
    with OddBroker(properties=b"\x21\0\1") as broker, service(tmp_path, broker.url) as one:
        wait_until(lambda: one.exchange.is_ready, 10)
        assert one.exchange._connection._conversation.outgoing._window == 1
        for number in range(30):
            one.comes(str(number))
        wait_until(lambda: one.count("delivered") == 30, 10)
