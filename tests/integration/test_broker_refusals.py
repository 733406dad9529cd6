"""Brokers whose access list forbids something: it is shown, counted, and noticed when it is corrected."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.mqtt_service import EVENT, SEND, SHORT_FORM, payloads, service, somebody
from tests.waiting import wait_until
from twilio_binding.sandbox.broker import BrokerProcess

ALL = ("status", "service", "things", "inbox", "event/#", "state/#", "action/#", "reply/#", "listener/#", "bridge")


@contextmanager
def listed(broker: BrokerProcess, *, write: tuple[str, ...] = ALL, read: tuple[str, ...] = ALL) -> Iterator[None]:
    """An access list for everybody; unlisted topics are forbidden."""
    lines = [f"topic write twilio/{topic}" for topic in write] + [f"topic read twilio/{topic}" for topic in read]
    (broker.folder / "acl").write_text("\n".join(lines) + "\n")
    (broker.folder / "acl").chmod(0o644)
    yield


def allow(broker: BrokerProcess) -> None:
    """Correct the access list while the broker is running."""
    with listed(broker):
        broker.send(signal.SIGHUP)


def without(topic: str) -> tuple[str, ...]:
    """All topics but one."""
    return tuple(name for name in ALL if name != topic)


@pytest.fixture
def guarded() -> Iterator[BrokerProcess]:
    """A broker with an access list, not yet started."""
    broker = BrokerProcess(kind="mosquitto", more="acl_file {folder}/acl\nmax_queued_messages 10000\n")
    try:
        yield broker
    finally:
        broker.__exit__(None, None, None)


def test_events_that_may_not_be_published(guarded: BrokerProcess, tmp_path: Path, announced: Announced) -> None:
    """An event that the broker refuses is set aside and shown in /ready; a corrected access list is noticed."""
    announced("mqtt.publish_refused", "delivery.set_aside")
    with listed(guarded, write=without("event/#")):
        guarded.start()
    with service(tmp_path, guarded.url) as one, somebody(guarded.url, EVENT) as (_, heard):
        wait_until(lambda: one.exchange.is_ready, 10)
        one.comes("refused")
        wait_until(lambda: one.count("set_aside") == 1, 15)
        assert (one.count("delivered"), one.journal.backlog("mqtt"), one.journal.set_aside("mqtt")) == (0, 0, 1)
        assert "twilio/event (Not authorized)" in one.exchange.reason
        assert "access list" in one.exchange.reason
        allow(guarded)
        one.comes("taken")
        wait_until(lambda: one.exchange.is_ready and payloads(heard, EVENT), 10)
        wait_until(lambda: one.count("delivered") == 1, 5, "the delivery to be counted")


def test_events_are_tried_again_before_they_are_set_aside(guarded: BrokerProcess, tmp_path: Path) -> None:
    """A refusal that ends within seconds costs no event."""
    with listed(guarded, write=without("event/#")):
        guarded.start()
    with service(tmp_path, guarded.url) as one, somebody(guarded.url, EVENT) as (_, heard):
        wait_until(lambda: one.exchange.is_ready, 10)
        one.comes("late")
        allow(guarded)
        wait_until(lambda: payloads(heard, EVENT), 10)
        wait_until(lambda: one.count("delivered") == 1, 5)
        assert one.count("set_aside") == 0


@pytest.mark.parametrize("topic", ["action/#", "service"])
def test_topics_that_may_not_be_read(guarded: BrokerProcess, tmp_path: Path, topic: str) -> None:
    """If the broker accepts a subscription but delivers nothing, /ready names the cure until it is corrected."""
    with listed(guarded, read=without(topic)):
        guarded.start()
    with service(tmp_path, guarded.url) as one, somebody(guarded.url, EVENT) as (connection, _):
        wait_until(lambda: "delivers nothing" in one.exchange.reason, 20)
        assert f"twilio/{topic.partition('/')[0]}" in one.exchange.reason
        assert "access list" in one.exchange.reason
        one.comes("x")
        wait_until(lambda: one.count("delivered") == 1, 10)
        allow(guarded)
        wait_until(lambda: one.exchange.is_ready, 30)
        connection.publish(SEND, SHORT_FORM)
        wait_until(lambda: one.asked, 10)


@pytest.mark.parametrize("topic", ["status", "things", "service"])
def test_documents_that_may_not_be_published(
    guarded: BrokerProcess, tmp_path: Path, announced: Announced, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A retained document that cannot be published is named in /ready, and is published when that is corrected."""
    announced("mqtt.publish_refused")
    monkeypatch.setattr("twilio_binding.mqtt.documents._AGAIN", 1.0)
    with listed(guarded, write=without(topic)):
        guarded.start()
    with service(tmp_path, guarded.url) as one, somebody(guarded.url, f"twilio/{topic}") as (_, heard):
        wait_until(lambda: f"published to twilio/{topic} (Not authorized)" in one.exchange.reason, 20)
        allow(guarded)
        wait_until(lambda: one.exchange.is_ready, 40)
        wait_until(lambda: heard, 10)
