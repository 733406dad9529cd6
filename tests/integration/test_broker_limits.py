"""Brokers that limit packets or refuse publications, and the effect on everything else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Announced
from tests.mqtt_service import EVENT, PHONE, SEND, SHORT_FORM, payloads, service, somebody
from tests.old_broker import OldBroker
from tests.waiting import wait_until
from twilio_binding.mqtt import Client
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.sandbox.broker import BrokerProcess

LIMITED = "max_packet_size 8192\n"
LONG = "天" * 4096


@pytest.fixture(params=[5, 4], ids=["MQTT 5", "MQTT 3.1.1"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A broker that accepts packets of 8 kB, and says so only in MQTT 5."""
    with ExitStack() as stack:
        broker = stack.enter_context(BrokerProcess(kind="mosquitto", more=LIMITED))
        yield broker.url if request.param == 5 else stack.enter_context(OldBroker(broker.port)).url


def test_message_that_the_broker_can_never_take(url: str, tmp_path: Path, announced: Announced) -> None:
    """A text that is too long for the broker is set aside and named; other texts and actions continue, also after a restart."""
    announced("delivery.set_aside")
    with (
        somebody(url, EVENT) as (connection, heard),
        service(tmp_path, url) as one,
    ):
        for body in ("first", LONG, "second"):
            one.comes(body)
        wait_until(lambda: len(payloads(heard, EVENT)) >= 2 and one.journal.backlog("mqtt") == 0, 20, "the others")
        assert {json.loads(payload)["body"] for payload in payloads(heard, EVENT)} == {"first", "second"}
        # They are counted just after they are noted.
        wait_until(lambda: one.count("set_aside") + one.count("delivered") == 3, 10, "the count")
        assert (one.journal.set_aside("mqtt"), one.count("set_aside")) == (1, 1)
        connection.publish(SEND, SHORT_FORM)
        wait_until(lambda: one.asked, 10, "the action")
        wait_until(lambda: one.exchange.is_ready, 10, "the broker to be up")
    with somebody(url, EVENT) as (_, heard), service(tmp_path, url) as again:
        assert again.journal.set_aside("mqtt") == 1
        again.comes("third")
        wait_until(lambda: payloads(heard, EVENT), 10, "what comes after a restart")
        assert again.count("set_aside") == 0


def test_state_that_is_too_long_leaves_no_older_one_standing(url: str, tmp_path: Path, announced: Announced) -> None:
    """If a state cannot be published, the retained state of the previous message is removed, because it is outdated."""
    announced("delivery.set_aside")
    with service(tmp_path, url) as one, Client(url, timeout=30) as client:
        one.comes("first")
        topic = one.exchange._topics.state(PHONE, "last-message-body")
        wait_until(lambda: client.retained(topic) == b"first", 10)
        client.timeout = 1.0
        one.comes(LONG)
        wait_until(lambda: client.retained(topic) is None, 20, "the old state to go")


def test_list_of_things_that_is_too_long(url: str, tmp_path: Path, announced: Announced) -> None:
    """A list of things that is too long for the broker is published without optional parts; everything else continues."""
    announced("mqtt.document_shortened")
    things: list[dict[str, Any]] = [
        {
            "uid": f"twilio:phone:a:{n}",
            "label": "x",
            "status": "ONLINE",
            "statusDetail": "NONE",
            "description": "y" * 200,
        }
        | {"bridgeUID": "twilio:account:a", "properties": {"url": "z" * 200}, "channels": []}
        for n in range(40)
    ]
    with service(tmp_path, url) as one, Client(url, timeout=30) as client:
        wait_until(lambda: one.exchange.is_ready, 10)
        one.exchange.publish_things(things)
        found = wait_until(lambda: json.loads(client.retained("twilio/things") or b"[]"), 20, "the things")
        assert [thing["uid"] for thing in found] == [thing["uid"] for thing in things]
        assert {thing["status"] for thing in found} == {"ONLINE"}
        one.comes("after that")
        wait_until(lambda: one.count("delivered") == 1, 10)


def test_list_of_things_that_is_too_long_in_any_form(url: str, tmp_path: Path, announced: Announced) -> None:
    """If even the shortest list is too long, one line says so, and everything else continues."""
    announced("mqtt.document_shortened", "mqtt.document_too_long")
    with service(tmp_path, url) as one:
        one.exchange.publish_things([{"uid": f"twilio:phone:a:{n}", "status": "ONLINE"} for n in range(1000)])
        one.comes("after that")
        wait_until(lambda: one.count("delivered") == 1 and one.exchange.is_ready, 20)


def test_reply_that_is_too_long(url: str, tmp_path: Path, announced: Announced) -> None:
    """A reply that is too long for the broker becomes an error, so nobody waits in vain."""
    announced("reply.too_large")

    def submit(request: Request, answer: Callable[[Reply], None], taken: Callable[[], None]) -> None:
        answer(Reply(id=request.id, ok=True, result={"results": ["x" * 100] * 200}))
        taken()

    with service(tmp_path, url, submit) as one, Client(url, timeout=30) as client:
        wait_until(lambda: one.exchange.is_ready, 10)
        result = client.call(PHONE, "sendSMS", {"to": "+15557654321", "message": "x"})
        assert (result.ok, result.code) == (False, "reply_too_large")
        assert "was carried out" in result.message


def test_request_of_a_program_that_is_too_long(url: str) -> None:
    """A program gets an error immediately if its request is too long for the broker, and its next request goes out."""
    with somebody(url, "twilio/action/#") as (_, heard), Client(url, timeout=15) as client:
        result = client.call(PHONE, "makeCall", {"to": "+15557654321", "twiml": LONG})
        assert (result.ok, result.code) == (False, "too_large")
        client.timeout = 0.3
        client.call(PHONE, "sendSMS", {"to": "+15557654321", "message": "x"})
        wait_until(lambda: heard, 10, "the next request")
