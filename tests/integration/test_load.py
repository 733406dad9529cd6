"""Alarms and callers come first, whatever else waits: pictures, sends, thousands of requests, a slow disk."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from lab.standins.stack import Stack, stack
from tests.standins import Answer, receiver
from tests.waiting import wait_until
from twilio_binding.actions import connect, phone
from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.mqtt.messages import Message
from twilio_binding.sandbox.demo_rule import PHONE

TO = "+15557654321"
SOON = 4.0
"""Seconds for what takes a few milliseconds, on a machine that is busy with other tests."""


class Crowd:
    """A program that sends many requests at once, and notes the replies."""

    def __init__(self, url: str) -> None:
        self.replies: dict[str, dict[str, Any]] = {}
        self.connection = BrokerConnection(url, client_id="crowd")
        self.connection.connected.subscribe(lambda: self.connection.subscribe("twilio/reply/crowd/+"))
        self.connection.received.subscribe(self._heard)

    def _heard(self, message: Message) -> None:
        reply = json.loads(message.payload)
        self.replies[reply["id"]] = reply

    def ask(self, action: str, request_id: str, args: dict[str, object]) -> None:
        """Publish a request without waiting."""
        body = {"id": request_id, "replyTo": f"twilio/reply/crowd/{request_id}", "args": args}
        self.connection.publish(f"twilio/action/{PHONE}/{action}", json.dumps(body).encode())


@contextmanager
def crowd(home: Stack) -> Iterator[Crowd]:
    """A connected crowd."""
    asking = Crowd(home.broker.url)
    asking.connection.start()
    assert asking.connection.wait(30)
    try:
        yield asking
    finally:
        asking.connection.stop()


@contextmanager
def slow_disk(*, response_timeout: int = 10) -> Iterator[tuple[Stack, Path]]:
    """A stack whose service has a slow disk: the file contains the seconds for a flush."""
    with stack() as home:
        text = home.things.read_text(encoding="utf-8")
        number = 'phoneNumber="+15551234567"'
        home.things.write_text(text.replace(number, f"{number}, responseTimeout={response_timeout}"), encoding="utf-8")
        setting = home.slow_disk()
        try:
            yield home, setting
        finally:
            setting.write_text("0", encoding="ascii")


@contextmanager
def answering(home: Stack) -> Iterator[None]:
    """A rule that answers every call."""
    with connect(home.broker.url, timeout=30) as client, ThreadPoolExecutor(10) as pool:
        own = phone(PHONE, client)

        def answer(payload: dict[str, object]) -> None:
            twiml = "<Response><Say>from the rule</Say></Response>"
            pool.submit(own.respondWithTwiml, str(payload["callSid"]), twiml)

        client.on(PHONE, "call-received", answer)
        wait_until(lambda: home.twilio.call().said == ["from the rule"], 20, "the service to know of the rule")
        yield


def _emergency(home: Stack, body: str) -> float:
    """Send an emergency text; returns the seconds until Twilio has accepted it."""
    with connect(home.broker.url, timeout=30) as client:
        began = time.monotonic()
        result = phone(PHONE, client).sendSMS(TO, body, emergency=True)
        assert result, result
        return time.monotonic() - began


def _stored(home: Stack, caller: str) -> int:
    """The number of stored calls whose caller's number begins so."""
    with closing(sqlite3.connect(home.folder / "data" / "twilio-binding.db")) as database:
        sql = "SELECT count(*) FROM events WHERE channel = 'call-received' AND payload LIKE ?"
        return int(database.execute(sql, (f"%{caller}%",)).fetchone()[0])


def test_emergency_while_openhab_and_cameras_hang(home: Stack) -> None:
    """Hanging pictures, of any kind and number, do not delay an emergency."""
    shut = threading.Event()
    with receiver() as camera, crowd(home) as asking:
        camera.answer("/picture", Answer(when=shut, body=b"x", content_type="image/png"))
        home.openhab.faults.set("hang", path="/rest/items/.*")
        try:
            for number in range(40):
                asking.ask("createItemMediaUrl", f"item{number}", {"itemName": "Door"})
                asking.ask("createProxyMediaUrl", f"camera{number}", {"sourceUrl": f"{camera.url}/picture?{number}"})
            wait_until(lambda: camera.asked, 10, "the camera to be asked")
            assert _emergency(home, "behind pictures") < SOON
        finally:
            shut.set()
            home.openhab.faults.clear()


def test_calls_while_messages_hang_at_twilio(home: Stack) -> None:
    """Calls and emergencies do not wait for messages that hang at Twilio, however many there are."""
    with crowd(home) as asking, connect(home.broker.url, timeout=30) as client:
        home.twilio.faults.set("hang", path="/2010-04-01/.*/Messages", method="POST")
        for number in range(60):
            asking.ask("sendSMS", f"hangs{number}", {"to": f"+1555765{number:04d}", "message": "hangs"})
        began = time.monotonic()
        assert phone(PHONE, client).makeTTSCall("+15557650000", "Fire!", emergency=True)
        assert phone(PHONE, client).makeTTSCall("+15557650000", "Fire, too!")
        assert time.monotonic() - began < SOON
        assert not [one for one in asking.replies if one.startswith("hangs")]


def test_calls_in_a_flood_of_requests() -> None:
    """Thousands of simultaneous requests keep no caller from the rule's answer."""
    with stack() as home, answering(home), crowd(home) as asking, ThreadPoolExecutor(5) as callers:
        for number in range(4000):
            asking.ask("sendSMS", f"flood{number}", {"to": f"+1555765{number:04d}", "message": "flood"})
        calls = [callers.submit(home.twilio.call, caller=f"+1555300{number:04d}") for number in range(5)]
        assert [call.result().said for call in calls] == [["from the rule"]] * 5
        assert len([one for one in asking.replies if one.startswith("flood")]) < 4000


def test_calls_while_the_disk_is_slow() -> None:
    """Hundreds of sends on a disk that takes 0.1 s for each flush keep no caller from the rule's answer."""
    with slow_disk() as (home, flush), answering(home), crowd(home) as asking, ThreadPoolExecutor(5) as callers:
        flush.write_text("0.1", encoding="ascii")
        for number in range(400):
            asking.ask("sendSMS", f"slow{number}", {"to": f"+1555765{number:04d}", "message": "slow"})
        calls = [callers.submit(home.twilio.call, caller=f"+1555300{number:04d}") for number in range(5)]
        assert [call.result().said for call in calls] == [["from the rule"]] * 5
        assert _emergency(home, "on a slow disk") < 2 * SOON
        flush.write_text("0", encoding="ascii")


def test_deadline_holds_while_the_disk_hangs() -> None:
    """If the disk does not respond at all, the caller still gets the default in time, and events are stored later."""
    with slow_disk(response_timeout=2) as (home, flush), answering(home), ThreadPoolExecutor(3) as callers:
        before = len(home.openhab.triggers(channel=f"{PHONE}:call-received"))
        flush.write_text("3600", encoding="ascii")
        calls = [callers.submit(home.twilio.call, caller=f"+1555300{number:04d}") for number in range(3)]
        reports = [call.result() for call in calls]
        assert [report.said[-1] for report in reports] == ["No input received. Goodbye."] * 3
        assert all(1900 < report.requests[0]["ms"] < 2000 + SOON * 1000 for report in reports)
        flush.write_text("0", encoding="ascii")
        home.service.wait_delivered()
        # The trigger does not fire hours later, but the states are set.
        assert len(home.openhab.triggers(channel=f"{PHONE}:call-received")) == before
        assert _stored(home, "+15553000") == 3


def test_others_are_served_while_a_picture_is_flushed() -> None:
    """A slow flush of a picture delays no other request."""
    with slow_disk() as (home, flush), receiver() as camera, crowd(home) as asking:
        camera.answer("/picture", Answer(body=b"x", content_type="image/png"))
        flush.write_text("5", encoding="ascii")  # of the request as well, before the picture
        asking.ask("createProxyMediaUrl", "picture", {"sourceUrl": f"{camera.url}/picture"})
        media = home.folder / "data" / "media"
        wait_until(lambda: list(media.glob("*.part")), 20, "the picture to be written")
        began = time.monotonic()
        with build_opener(ProxyHandler({})).open(f"{home.service.admin_url}/live", timeout=30) as page:
            assert page.status == 200
        assert time.monotonic() - began < SOON
        flush.write_text("0", encoding="ascii")
        reply = wait_until(lambda: asking.replies.get("picture"), 10, "the reply")
        assert reply["ok"], reply
