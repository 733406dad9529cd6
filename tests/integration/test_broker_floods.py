"""Floods at the broker cost the service little, and are refused with topic and reason."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.mqtt_service import PHONE, SEND, SHORT_FORM, service, somebody
from tests.old_broker import OldBroker
from tests.waiting import wait_until
from twilio_binding.sandbox.broker import BrokerProcess

LISTENER = "twilio/listener/x"
HUGE = 40 * 1024 * 1024
MOST = 12 * 1024 * 1024
"""Bytes that the service may need; most are paho's, while the message arrives."""


@pytest.fixture(params=[5, 4], ids=["MQTT 5", "MQTT 3.1.1"])
def urls(request: pytest.FixtureRequest, broker: BrokerProcess) -> Iterator[tuple[str, str]]:
    """The URLs of the broker for the service, and for others."""
    with ExitStack() as stack:
        old = request.param == 4
        yield (stack.enter_context(OldBroker(broker.port)).url if old else broker.url), broker.url


@pytest.mark.parametrize("topic", [LISTENER, "twilio/bridge", SEND])
def test_huge_message(urls: tuple[str, str], tmp_path: Path, announced: Announced, topic: str) -> None:
    """A message of 40 MB, retained or not, is not read into memory, and later messages are handled."""
    announced("mqtt.listener_too_large", "mqtt.bridge_malformed", "request.refused")
    with somebody(urls[1], "twilio/none") as (connection, _):
        payload = b'{"channels":["' + b"x" * HUGE + b'"]}'
        connection.publish(topic, payload, retain=True).wait_for_publish(30)
        tracemalloc.start()
        try:
            with service(tmp_path, urls[0]) as one:
                wait_until(lambda: one.exchange.is_ready, 20)
                connection.publish(SEND, SHORT_FORM)
                wait_until(lambda: one.asked, 20, "the request that follows")
                peak = tracemalloc.get_traced_memory()[1]
                assert not one.exchange.hears("x" * HUGE)
        finally:
            tracemalloc.stop()
            connection.publish(topic, b"", retain=True).wait_for_publish(10)
    assert peak < MOST


def test_many_programs(broker: BrokerProcess, tmp_path: Path, announced: Announced) -> None:
    """Programs over the limit are not stored, and one line is logged; earlier ones stay."""
    announced("mqtt.too_many_listeners", "request.refused")
    names = [f"twilio/listener/p{number}" for number in range(700)]
    with service(tmp_path, broker.url) as one, somebody(broker.url, "twilio/none") as (connection, _):
        wait_until(lambda: one.exchange.is_ready, 10)
        for number, name in enumerate(names):
            connection.publish(name, json.dumps({"channels": [f"{PHONE}:{number}"]}).encode(), retain=True)
        connection.publish(SEND, SHORT_FORM).wait_for_publish(20)
        wait_until(lambda: one.asked, 20)
        assert one.exchange.hears(f"{PHONE}:0")
        assert not one.exchange.hears(f"{PHONE}:699")
        for name in names:
            connection.publish(name, b"", retain=True)
        connection.publish(SEND, SHORT_FORM).wait_for_publish(20)
        wait_until(lambda: not one.exchange.hears(f"{PHONE}:0"), 20)
