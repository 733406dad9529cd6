"""Each dependency, and the service itself, stops in the middle of traffic."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from lab.standins.client import OpenHABStandIn
from lab.standins.stack import Stack, stack
from tests.integration.conftest import bodies
from tests.waiting import wait_until
from twilio_binding.actions import connect, phone
from twilio_binding.sandbox.broker import BrokerProcess
from twilio_binding.sandbox.demo_rule import PHONE
from twilio_binding.sandbox.openhab import OpenHABOptions
from twilio_binding.sandbox.service_process import ServiceProcess


@pytest.fixture
def own() -> Iterator[Stack]:
    """A stack that the test may break."""
    with stack() as up:
        yield up


def test_killed_service_delivers_what_it_answered(own: Stack) -> None:
    """Every text that was answered 200 before a SIGKILL reaches openHAB, once, in order, after the next start."""
    answered: list[str] = []

    def send(n: int) -> None:
        if own.twilio.receive_sms(f"kill {n:03d}")["status"] == 200:
            answered.append(f"kill {n:03d}")

    with ThreadPoolExecutor(4) as pool:
        sending = [pool.submit(send, n) for n in range(120)]
        wait_until(lambda: len(answered) > 30)
        own.service.kill()
        for each in sending:
            each.result()
    own.service.start()
    own.service.wait_ready()
    own.service.wait_delivered(30)
    heard = bodies(own, "kill")
    assert set(answered) <= set(heard)
    assert len(heard) == len(set(heard))


def test_service_that_is_away_loses_no_request(own: Stack) -> None:
    """A request for a send that arrives while the service is down is carried out when it is back, once."""
    own.service.stop()
    with connect(own.broker.url, timeout=30) as client, ThreadPoolExecutor(1) as pool:
        sending = pool.submit(phone(PHONE, client).sendSMS, "+15557654321", "while away")
        wait_until(lambda: not sending.done())
        own.service.start()
        assert sending.result()
    assert [message["body"] for message in own.twilio.messages()] == ["while away"]


def test_killed_while_twilio_is_asked(own: Stack) -> None:
    """A send in progress at a SIGKILL is looked up after the next start, and not sent again."""
    own.twilio.faults.set("hang", path="/2010-04-01/.*/Messages", method="POST", count=1, effect=True)
    with connect(own.broker.url, timeout=60) as client, ThreadPoolExecutor(1) as pool:
        sending = pool.submit(phone(PHONE, client).sendSMS, "+15557654321", "under way")
        wait_until(own.twilio.messages, what="Twilio to take the message")
        own.service.kill()
        own.service.start()
        result = sending.result()
    assert result
    assert [message["sid"] for message in own.twilio.messages()] == [result.sid]


def test_openhab_restarts_with_its_start_up_timeline(own: Stack) -> None:
    """During a restart that answers 404, 401 and loses runs for a while, nothing is lost, and NULL items get their states."""
    assert own.twilio.receive_sms("before")["status"] == 200
    own.service.wait_delivered()
    own.openhab.restart(0.15)
    texts = [f"during {n}" for n in range(20)]
    for text in texts:
        assert own.twilio.receive_sms(text)["status"] == 200
    wait_until(lambda: len(bodies(own, "during")) >= 20, 40, "all triggers")
    own.service.wait_delivered()
    assert bodies(own, "during") == texts
    assert own.openhab.states("TwilioLastMessage")[-1] == "during 19"


def test_no_event_is_fired_before_the_rules_listen(own: Stack) -> None:
    """Below start level 50, the relay rule runs, but no rule gets its events: they wait, and none is lost."""
    own.openhab.restart(0.02, level=40)
    wait_until(lambda: "start level 40" in own.service.dependencies()["openhab"].get("reason", ""), 20, "the level")
    assert own.twilio.receive_sms("too early")["status"] == 200
    assert not own.service.dependencies()["openhab"]["up"]
    assert not bodies(own, "too early")
    own.openhab.restart(0.02, level=50)
    wait_until(lambda: bodies(own, "too early"), 20, "the trigger")
    own.service.wait_delivered()
    assert bodies(own, "too early") == ["too early"]


def test_states_come_back_after_a_restart_of_openhab(own: Stack) -> None:
    """OpenHAB loses its states in a restart; they are set again without a new event."""
    own.twilio.receive_sms("remember me")
    own.service.wait_delivered()
    own.openhab.restart(0.05)
    wait_until(
        lambda: own.openhab.states("TwilioLastMessage")[-1:] == ["remember me"] and own.openhab.counts()["restarts"], 30
    )


def test_broker_restarts(own: Stack) -> None:
    """Events and requests continue after a restart of the broker, and the service says what is missing meanwhile."""
    own.broker.kill()
    wait_until(lambda: not own.service.dependencies()["mqtt"]["up"], 15, "the service to notice")
    assert own.service.dependencies()["mqtt"]["reason"]
    assert own.twilio.receive_sms("no broker")["status"] == 200
    wait_until(lambda: bodies(own, "no broker"), 15, "openHAB to hear it all the same")
    own.broker.start()
    own.service.wait_ready("mqtt", seconds=30)
    own.service.wait_delivered(30)
    with connect(own.broker.url) as client:
        assert phone(PHONE, client).sendSMS("+15557654321", "broker is back")


def test_twilio_is_away(own: Stack) -> None:
    """While Twilio cannot be reached, a send is retried, and it is carried out when Twilio is back."""
    own.twilio.faults.set("status", path="/2010-04-01/.*/Messages", method="POST", count=3, status=429, body="{}")
    with connect(own.broker.url, timeout=30) as client:
        assert phone(PHONE, client).sendSMS("+15557654321", "at last")


def test_everything_is_missing_at_the_start(tmp_path: Path) -> None:
    """Without openHAB, broker and Twilio, the service runs, says what is missing, and uses each when it is available."""
    things = Path(__file__).resolve().parents[2] / "things" / "*.things"
    items = Path(__file__).resolve().parents[2] / "items"
    broker, openhab = BrokerProcess(), OpenHABStandIn(OpenHABOptions(items=items, token="oh.late.1"))
    with openhab:
        address = openhab.url
        openhab.faults.down()
        settings = {
            "THINGS": json.dumps([str(things)]),
            "OPENHAB__URL": address,
            "OPENHAB__TOKEN": "oh.late.1",
            "MQTT__URL": broker.url,
            "TWILIO__API_URL": "http://127.0.0.1:9",
        }
        with ServiceProcess(tmp_path, settings) as service:
            missing = {name for name, entry in service.dependencies().items() if not entry["up"]}
            assert missing == {"openhab", "mqtt", "twilio"}
            assert all(entry["up"] or entry["reason"] for entry in service.dependencies().values())
            with broker:
                service.wait_ready("mqtt")
                openhab.faults.up()
                service.wait_ready("openhab")
                assert service.stop() == 0


def test_broken_things_file_keeps_the_last_good_one(own: Stack) -> None:
    """A broken things file is named with line and column, and its earlier things still work."""
    good = own.things.read_text(encoding="utf-8")
    own.things.write_text(good.replace("]", "", 1))
    wait_until(lambda: not own.service.dependencies()["things"]["up"], 10, "the service to notice")
    assert "twilio.things:" in own.service.dependencies()["things"]["reason"]
    assert own.twilio.receive_sms("still here")["status"] == 200
    own.things.write_text(good.replace("myphone", "other"))
    wait_until(lambda: own.service.dependencies()["things"]["up"], 10, "the repaired file")
    old = f"{own.service.url}/twilio/callback/{PHONE}/sms"
    wait_until(lambda: requests.post(old, timeout=30).text == "Unknown thing", 10, "the change")


def test_sigterm_while_all_dependencies_hang(own: Stack) -> None:
    """SIGTERM ends the process with 0 within 15 s although openHAB and Twilio answer nothing; nothing is lost."""
    own.openhab.faults.set("hang", path="/rest/")
    own.twilio.faults.set("hang", path="/2010-04-01/")
    assert own.twilio.receive_sms("hanging")["status"] == 200
    with connect(own.broker.url, timeout=1) as client:
        assert phone(PHONE, client).sendSMS("+15557654321", "hanging too").code == "timeout"
    started = time.monotonic()
    assert own.service.stop() == 0
    assert time.monotonic() - started < 15
    own.openhab.faults.clear()
    own.twilio.faults.clear()
    own.service.start()
    wait_until(lambda: bodies(own, "hanging"), 20, "the text")
