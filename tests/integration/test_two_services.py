"""Several services on one broker and base topic: one is active, the others notice, say so and wait."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.mqtt_service import SEND, SHORT_FORM, Service, payloads, service, somebody
from tests.waiting import wait_until
from twilio_binding.mqtt import Client, ServiceClaim
from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.mqtt.messages import Will
from twilio_binding.sandbox.broker import BrokerProcess

STATUS, THINGS = "twilio/status", "twilio/things"


def waits(one: Service) -> bool:
    """Whether it reports that another service is active."""
    return one.exchange.reason.startswith("another service (on first)")


@pytest.mark.parametrize("client_id", ["", "the same"], ids=["other data folder", "copied data folder"])
def test_second_service_notices_and_does_not_act(
    broker: BrokerProcess, tmp_path: Path, announced: Announced, client_id: str
) -> None:
    """The second one says so, takes no request and publishes nothing; both stay connected, even with one client id."""
    announced("mqtt.another_service")
    with ExitStack() as stack:
        first = stack.enter_context(service(tmp_path, broker.url, name="first", client_id=client_id))
        wait_until(lambda: first.exchange.is_ready, 10)
        first.exchange.publish_things([{"uid": "twilio:phone:a:first"}])
        second = stack.enter_context(service(tmp_path, broker.url, name="second", client_id=client_id))
        wait_until(lambda: waits(second), 15, "the second to notice")
        wait_until(lambda: first.exchange.is_ready, 10, "the first to go on")
        second.exchange.publish_things([{"uid": "twilio:phone:a:second"}])
        connection, heard = stack.enter_context(somebody(broker.url, STATUS, THINGS))
        for _ in range(3):
            connection.publish(SEND, SHORT_FORM)
        wait_until(lambda: len(first.asked) == 3, 10)
        wait_until(lambda: payloads(heard, THINGS), 5)
        assert (len(first.asked), len(second.asked)) == (3, 0)
        assert payloads(heard, THINGS) == [b'[{"uid":"twilio:phone:a:first"}]']
        assert "mqtt.base_topic" in second.exchange.reason


def test_second_service_leaves(broker: BrokerProcess, tmp_path: Path, announced: Announced) -> None:
    """When one leaves, properly or by crashing, the status of the other stays online, and it stays active."""
    announced("mqtt.another_service")
    with ExitStack() as stack:
        first = stack.enter_context(service(tmp_path, broker.url, name="first"))
        wait_until(lambda: first.exchange.is_ready, 10)
        with service(tmp_path, broker.url, name="second") as second:
            wait_until(lambda: waits(second), 15)
        third = Service(tmp_path, broker.url, name="third")
        wait_until(lambda: waits(third), 15)
        _, heard = stack.enter_context(somebody(broker.url, STATUS))
        third.die()
        wait_until(lambda: payloads(heard, STATUS)[-2:] == [b"offline", b"online"], 10, "the status to be put right")
        assert first.exchange.is_ready


def test_first_service_ends(broker: BrokerProcess, tmp_path: Path, announced: Announced) -> None:
    """When the active service stops, the waiting one takes over immediately; when the first comes back, it waits."""
    announced("mqtt.another_service")
    with ExitStack() as stack:
        with service(tmp_path, broker.url, name="first") as first:
            wait_until(lambda: first.exchange.is_ready, 10)
            second = stack.enter_context(service(tmp_path, broker.url, name="second"))
            wait_until(lambda: waits(second), 15)
        wait_until(lambda: second.exchange.is_ready, 5, "the second to take over")
        back = stack.enter_context(service(tmp_path, broker.url, name="first"))
        wait_until(lambda: back.exchange.reason.startswith("another service (on second)"), 15)
        connection, _ = stack.enter_context(somebody(broker.url, STATUS))
        connection.publish(SEND, SHORT_FORM)
        wait_until(lambda: second.asked, 10)
        assert not back.asked


def test_first_service_dies(broker: BrokerProcess, tmp_path: Path, announced: Announced) -> None:
    """When the active service crashes, the waiting one takes over within seconds."""
    announced("mqtt.another_service")
    first = Service(tmp_path, broker.url, name="first")
    wait_until(lambda: first.exchange.is_ready, 10)
    with service(tmp_path, broker.url, name="second") as second, Client(broker.url, timeout=30) as client:
        wait_until(lambda: waits(second), 15)
        first.die()
        wait_until(lambda: second.exchange.is_ready, 20, "the second to take over")
        wait_until(lambda: client.retained(STATUS) == b"online", 5)


def test_service_that_comes_back_after_a_crash_is_not_taken_for_another(broker: BrokerProcess, tmp_path: Path) -> None:
    """A retained announcement from before a kill does not make the same data folder wait."""
    before = Service(tmp_path, broker.url, name="only")
    wait_until(lambda: before.exchange.is_ready, 10)
    before.die()
    with service(tmp_path, broker.url, name="only") as again:
        wait_until(lambda: again.exchange.is_ready, 3, "it to be ready at once")


def test_word_of_a_service_that_is_gone_for_good(broker: BrokerProcess, tmp_path: Path) -> None:
    """After a crash on another machine, the new service waits for an answer for some seconds, and then becomes active."""
    before = Service(tmp_path, broker.url, name="gone")
    wait_until(lambda: before.exchange.is_ready, 10)
    before.die()
    with service(tmp_path, broker.url, name="new") as new:
        wait_until(lambda: new.exchange.is_ready, 10)


def test_request_of_a_session_before_that_comes_on_two_connections(broker: BrokerProcess, tmp_path: Path) -> None:
    """A request that waits until it is known which service is active is taken once, although the connection breaks meanwhile."""
    before = Service(tmp_path, broker.url, name="same")
    wait_until(lambda: before.exchange.is_ready, 10)
    before.die()
    gone = ServiceClaim(instance="gone", store="gone", client="gone", since=1)
    with somebody(broker.url) as (connection, _):
        assert connection.publish("twilio/service", gone.encode(), retain=True).wait_for_publish(5)
        assert connection.publish(SEND, SHORT_FORM).wait_for_publish(5)
    with service(tmp_path, broker.url, name="same") as one:
        wait_until(lambda: one.exchange._duty._reception._early, 5, "the request")
        one.exchange._connection._wire.client._sock_close()
        wait_until(lambda: one.exchange.is_ready, 20)
        wait_until(lambda: one.asked, 5)
        one.comes("after that")
        wait_until(lambda: one.count("delivered") == 1, 10)
        assert len(one.asked) == 1


def test_both_start_at_once_and_the_broker_restarts(tmp_path: Path, announced: Announced) -> None:
    """Of two services that start together, one becomes active; after a restart of the broker, which forgets everything, so again."""
    announced("mqtt.another_service")
    with (
        BrokerProcess(kind="mosquitto", more="persistence false\n") as broker,
        service(tmp_path, broker.url, name="a") as one,
        service(tmp_path, broker.url, name="b") as other,
    ):
        both = (one.exchange, other.exchange)
        for _ in range(2):
            wait_until(lambda: sorted(each.is_ready for each in both) == [False, True], 20, "one of them to act")
            wait_until(lambda: any(each.reason.startswith("another service") for each in both), 20)
            broker.restart()
        wait_until(lambda: sorted(each.is_ready for each in both) == [False, True], 20, "one of them to act")


def test_status_that_somebody_else_sets_is_put_right(broker: BrokerProcess, tmp_path: Path) -> None:
    """An older service that leaves, or a late last will, does not make this service offline."""
    with service(tmp_path, broker.url, name="only") as one, Client(broker.url, timeout=30) as client:
        wait_until(lambda: one.exchange.is_ready, 10)
        old = BrokerConnection(broker.url, client_id="old", will=Will(topic=STATUS, payload=b"offline"))
        old.start()
        assert old.wait(30)
        old.publish(STATUS, b"offline", retain=True).wait_for_publish(5)
        old.stop()
        wait_until(lambda: client.retained(STATUS) == b"online", 5)
