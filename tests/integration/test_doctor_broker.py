"""The doctor's links to the broker, each broken in common ways."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.doctor import bad, only, results, settings, silent_server
from tests.mqtt_service import somebody
from tests.old_broker import OldBroker
from twilio_binding.sandbox.broker import BrokerProcess

KINDS = ("status", "service", "things", "inbox", "event/#", "state/#", "action/#", "reply/#", "listener/#", "bridge")


@pytest.fixture
def guarded() -> Iterator[BrokerProcess]:
    """A broker with an access list, not yet started."""
    broker = BrokerProcess(kind="mosquitto", more="acl_file {folder}/acl\n")
    try:
        yield broker
    finally:
        broker.__exit__(None, None, None)


def allow(broker: BrokerProcess, *, write: tuple[str, ...] = KINDS, read: tuple[str, ...] = KINDS) -> None:
    """Start the broker; unlisted topics are forbidden."""
    lines = [f"topic write twilio/{topic}" for topic in write] + [f"topic read twilio/{topic}" for topic in read]
    (broker.folder / "acl").write_text("\n".join(lines) + "\n")
    (broker.folder / "acl").chmod(0o644)
    broker.start()


def without(topic: str) -> tuple[str, ...]:
    """All kinds but one."""
    return tuple(name for name in KINDS if name != topic)


def test_good_broker(broker: BrokerProcess, tmp_path: Path) -> None:
    """A working broker is reported with its version, speed and packet size."""
    found = results(settings(tmp_path, mqtt={"url": broker.url}), "broker", "broker-speed")
    assert not bad(found)
    assert only(found, "connected with MQTT 5").facts == {"mqtt_version": "5"}
    assert only(found, "reads and writes below twilio/")
    assert set(only(found, "a request takes").facts) == {"request_ms", "reply_ms"}
    assert only(found, "accepts messages of 64 KiB")


def test_nobody_listens(tmp_path: Path) -> None:
    """Without a broker at the address, the cure is to start one, and dependent links are skipped."""
    found = results(settings(tmp_path), "broker", "broker-speed")
    assert [one.status for one in found] == ["failed", "skipped"]
    assert found[0].cause == "the broker does not answer (connection refused: no program listens at this port)"
    assert "start the broker" in found[0].cure


def test_something_that_never_answers(tmp_path: Path) -> None:
    """A port that accepts the connection and stays silent is reported within seconds, with a cause and without a traceback."""
    with silent_server() as port:
        found = results(settings(tmp_path, mqtt={"url": f"mqtt://127.0.0.1:{port}"}), "broker")
    assert [one.status for one in found] == ["failed"]
    assert "no MQTT broker has answered within" in found[0].cause
    assert "mqtt.url" in found[0].cure


def test_no_such_host(tmp_path: Path) -> None:
    """An unknown host name is reported as such."""
    found = results(settings(tmp_path, mqtt={"url": "mqtt://broker.invalid"}), "broker")
    assert "its host name cannot be resolved" in only(found, "does not answer").cause


def test_wrong_password(tmp_path: Path) -> None:
    """A refused login is reported with the place of user and password; the password is not shown."""
    broker = BrokerProcess(kind="mosquitto", more="allow_anonymous false\npassword_file {folder}/passwords\n")
    passwords = broker.folder / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "twilio", "right"], check=True, capture_output=True)
    passwords.chmod(0o644)
    with broker:
        url = broker.url.replace("://", "://twilio:wr0ng@")
        found = results(settings(tmp_path, mqtt={"url": url}), "broker")
        good = results(settings(tmp_path, mqtt={"url": broker.url.replace("://", "://twilio:right@")}), "broker")
    assert [one.status for one in found] == ["failed"]
    assert "Not authorized" in found[0].cause
    assert "set user and password in mqtt.url" in found[0].cure
    assert "wr0ng" not in str(found)
    assert not bad(good)


@pytest.mark.parametrize("kind", ["event", "state", "reply"])
def test_publishing_that_is_refused(guarded: BrokerProcess, tmp_path: Path, kind: str) -> None:
    """If the access list forbids the service's publications, topic, reason and the line that helps are reported."""
    allow(guarded, write=without(f"{kind}/#"))
    found = bad(results(settings(tmp_path, mqtt={"url": guarded.url}), "broker"))
    assert [(one.status, one.cause) for one in found] == [
        ("failed", f"the broker refuses messages to twilio/{kind} (Not authorized)")
    ]
    assert "topic readwrite twilio/#" in found[0].cure


@pytest.mark.parametrize("kind", ["action", "listener"])
def test_reading_that_is_denied_silently(guarded: BrokerProcess, tmp_path: Path, kind: str) -> None:
    """Mosquitto accepts a subscription that it never serves: a message to ourselves reveals it."""
    allow(guarded, read=without(f"{kind}/#"))
    found = bad(results(settings(tmp_path, mqtt={"url": guarded.url}), "broker"))
    assert [one.status for one in found] == ["failed"]
    assert f"twilio/{kind}" in found[0].cause
    assert "access list" in found[0].cure


def test_requests_that_only_others_may_write(guarded: BrokerProcess, tmp_path: Path) -> None:
    """The service need not be allowed to write requests, so that is not a failure."""
    allow(guarded, write=without("action/#"))
    assert not bad(results(settings(tmp_path, mqtt={"url": guarded.url}), "broker"), "failed")


def test_publishing_that_an_old_broker_drops_silently(guarded: BrokerProcess, tmp_path: Path) -> None:
    """With MQTT 3.1.1 the broker does not report forbidden writes: a message that does not come back is a warning."""
    allow(guarded, write=without("event/#"))
    with OldBroker(guarded.port) as old:
        found = bad(results(settings(tmp_path, mqtt={"url": old.url}), "broker"))
    assert [one.status for one in found] == ["warning"]
    assert "messages to twilio/event do not come back" in found[0].cause


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_packets_that_are_too_large(tmp_path: Path, version: str) -> None:
    """If the broker only accepts small packets, the limit and the broker's setting are named."""
    with ExitStack() as stack:
        broker = stack.enter_context(BrokerProcess(kind="mosquitto", more="max_packet_size 8192\n"))
        url = broker.url if version == "5" else stack.enter_context(OldBroker(broker.port)).url
        found = results(settings(tmp_path, mqtt={"url": url}), "broker", "broker-speed")
    refused = only(found, "does not accept a message of 64 KiB")
    assert (refused.status, "max_packet_size" in refused.cure) == ("warning", True)


def test_broker_that_holds_small_packets_back(tmp_path: Path) -> None:
    """Without set_tcp_nodelay each answer takes 40 ms: it is measured, and reported with the line for mosquitto.conf."""
    with BrokerProcess(kind="mosquitto", tcp_nodelay=False) as broker:
        found = bad(results(settings(tmp_path, mqtt={"url": broker.url}), "broker", "broker-speed"))
    assert [one.status for one in found] == ["warning"]
    assert "delays small packets by 40 ms" in found[0].cause
    assert "set_tcp_nodelay true" in found[0].cure


def test_another_service_on_the_same_topics(broker: BrokerProcess, tmp_path: Path) -> None:
    """Another service that is online on the same base topic is reported."""
    given = settings(tmp_path, mqtt={"url": broker.url, "base_topic": "shared"})
    with somebody(broker.url) as (connection, _):
        connection.publish("shared/status", b"online", retain=True).wait_for_publish(5)
        found = bad(results(given, "broker"))
        connection.publish("shared/status", b"", retain=True).wait_for_publish(5)
    assert [(one.status, one.cause) for one in found] == [
        ("warning", "another service is online on this broker with base topic shared")
    ]
    assert "stop it, or set another mqtt.base_topic" in found[0].cure
