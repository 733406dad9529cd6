"""Calls that wait for a rule's answer, through the whole chain."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from lab.standins.stack import Stack, stack
from tests.waiting import wait_until
from twilio_binding.actions import Phone, connect, phone
from twilio_binding.sandbox.demo_rule import PHONE

ANSWER = "<Response><Say>{}</Say></Response>"
KEYS = """<Response><Gather numDigits="1" action="{gatherUrl:keys}"><Say>Key?</Say></Gather></Response>"""


@pytest.fixture
def caller() -> Iterator[ThreadPoolExecutor]:
    """A caller that calls while the test continues."""
    with ThreadPoolExecutor(10) as pool:
        yield pool


@pytest.fixture
def rule(home: Stack) -> Iterator[Phone]:
    """A rule that listens; the test controls what it does."""
    with connect(home.broker.url, timeout=30) as client:
        client.answers(f"{PHONE}:call-received", f"{PHONE}:dtmf-received")
        wait_until(lambda: holds(home), 10, "the service to know of the rule")
        yield phone(PHONE, client)


def holds(home: Stack) -> bool:
    """Whether calls are held now: tested with a call that is answered immediately."""
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(home.twilio.call)
        wait_until(lambda: call.done() or (open_sids(home) and home.service.metric("held_calls")))
        if call.done():
            return False
        with connect(home.broker.url) as client:
            phone(PHONE, client).respondWithTwiml(held_sid(home), ANSWER.format("tried"))
        return True


def open_sids(home: Stack) -> list[str]:
    """The calls for which Twilio waits for an answer."""
    return [
        w["form"]["CallSid"]
        for w in home.twilio.webhooks.sent()
        if w["endpoint"] in ("voice", "gather") and not w["status"]
    ]


def held_sid(home: Stack) -> str:
    """The waiting call."""

    def waiting() -> list[str]:
        sids = open_sids(home)
        # What Twilio has sent may not have arrived yet.
        return sids if home.service.metric("held_calls") >= len(set(sids)) else []

    return str(wait_until(waiting, 5, "a held call")[-1])


def events(home: Stack, channel: str) -> list[dict[str, Any]]:
    """All payloads of a trigger channel."""
    return [json.loads(str(trigger["payload"])) for trigger in home.openhab.triggers(channel=f"{PHONE}:{channel}")]


def test_answer_is_spoken_with_every_character(home: Stack, rule: Phone, caller: ThreadPoolExecutor) -> None:
    """The rule's TwiML reaches the caller unchanged, in UTF-8."""
    call = caller.submit(home.twilio.call)
    assert rule.respondWithTwiml(held_sid(home), ANSWER.format("Grüße 😀"))
    assert call.result().said == ["Grüße 😀"]
    assert call.result().requests[0]["content_type"] == "text/xml; charset=utf-8"


def test_menus_come_back_with_their_name(home: Stack, rule: Phone, caller: ThreadPoolExecutor) -> None:
    """The same key in two menus makes two events, each with the name of its menu."""
    call = caller.submit(home.twilio.call, ["7", "7"])
    sid = held_sid(home)
    assert rule.respondWithTwiml(sid, KEYS)
    wait_until(lambda: [e for e in events(home, "dtmf-received") if e["callSid"] == sid][0:1])
    assert rule.respondWithTwiml(sid, KEYS.replace(":keys", ":more"))
    wait_until(lambda: [e for e in events(home, "dtmf-received") if e["callSid"] == sid][1:2])
    assert rule.respondWithTwiml(sid, ANSWER.format("bye"))
    assert call.result().said[-1] == "bye"
    heard = [(e["menu"], e["digits"]) for e in events(home, "dtmf-received") if e["callSid"] == sid]
    assert heard == [("keys", "7"), ("more", "7")]


def test_broken_answer_is_refused_and_the_next_one_taken(home: Stack, rule: Phone, caller: ThreadPoolExecutor) -> None:
    """With TwiML that Twilio would reject, the rule gets an error, and the next answer counts."""
    call = caller.submit(home.twilio.call)
    sid = held_sid(home)
    assert rule.respondWithTwiml(sid, "<Response><Say>broken").code == "bad_twiml"
    assert rule.respondWithTwiml(sid, ANSWER.format("mended"))
    assert call.result().said == ["mended"]
    assert rule.respondWithTwiml(sid, ANSWER.format("again")).code == "too_late"


def test_copy_of_a_held_request_gets_the_same_answer(home: Stack, rule: Phone, caller: ThreadPoolExecutor) -> None:
    """A retry that arrives while the first copy is held waits with it; both get the same answer, and one trigger fires."""
    before = len(events(home, "call-received"))
    call = caller.submit(home.twilio.call)
    sid = held_sid(home)
    n = home.twilio.webhooks.sent()[-1]["n"]
    copies: list[Future[dict[str, Any]]] = [caller.submit(home.twilio.webhooks.redeliver, n) for _ in range(3)]
    wait_until(lambda: len(open_sids(home)) == 4, 5, "all copies to wait")
    assert rule.respondWithTwiml(sid, ANSWER.format("one for all"))
    assert call.result().said == ["one for all"]
    assert {copy.result()["answer"] for copy in copies} == {ANSWER.format("one for all")}
    assert home.twilio.webhooks.redeliver(n)["answer"] == ANSWER.format("one for all")
    home.service.wait_delivered()
    assert len(events(home, "call-received")) == before + 1


def test_many_callers_get_their_own_answers(home: Stack, rule: Phone, caller: ThreadPoolExecutor) -> None:
    """Ten simultaneous callers each hear their own answer."""
    calls = {f"+1555200{n:04d}": caller.submit(home.twilio.call, caller=f"+1555200{n:04d}") for n in range(10)}
    waiting = wait_until(
        lambda: (
            w
            if len(w := {e["from"]: e["callSid"] for e in events(home, "call-received") if e["from"] in calls}) == 10
            else None
        )
    )
    for number, sid in waiting.items():
        assert rule.respondWithTwiml(sid, ANSWER.format(f"for {number}"))
    assert {number: call.result().said for number, call in calls.items()} == {n: [f"for {n}"] for n in calls}


def test_deadline_gives_the_default_and_tells_the_late_rule(
    home: Stack, rule: Phone, caller: ThreadPoolExecutor
) -> None:
    """Without an answer within responseTimeout, the caller hears the default; a later answer is refused with a reason."""
    text = home.things.read_text(encoding="utf-8")
    home.things.write_text(text.replace('phoneNumber="+15551234567"', 'phoneNumber="+15551234567", responseTimeout=1'))
    wait_until(lambda: home.service.log.read_text(encoding="utf-8").count("things.loaded") > 1, 10, "the change")
    call = caller.submit(home.twilio.call)
    sid = held_sid(home)
    report = call.result()
    assert report.said[-1] == "No input received. Goodbye."
    assert 950 < report.requests[0]["ms"] < 4000
    assert rule.respondWithTwiml(sid, ANSWER.format("late")).code == "too_late"
    home.things.write_text(text)


def test_sigterm_answers_every_held_call_with_its_default() -> None:
    """On SIGTERM, all held callers hear the default greeting, and the process exits with 0 within 15 s."""
    with stack() as own, connect(own.broker.url) as client, ThreadPoolExecutor(20) as pool:
        client.answers(f"{PHONE}:call-received")
        wait_until(lambda: holds(own), 10, "the service to know of the rule")
        calls = [pool.submit(own.twilio.call, caller=f"+1555300{n:04d}") for n in range(20)]
        wait_until(lambda: own.service.metric("held_calls") == 20, 10, "twenty held calls")
        assert own.service.stop() == 0
        assert [call.result().said[-1] for call in calls] == ["No input received. Goodbye."] * 20


def test_sigterm_while_the_database_is_locked() -> None:
    """On SIGTERM, callers whose requests wait for the disk hear the default, and the process exits with 0 immediately."""
    with stack() as own, connect(own.broker.url) as client, ThreadPoolExecutor(4) as pool:
        client.answers(f"{PHONE}:call-received")
        wait_until(lambda: holds(own), 10, "the service to know of the rule")
        with closing(sqlite3.connect(own.folder / "data" / "twilio-binding.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            calls = [pool.submit(own.twilio.call, caller=f"+1555300{n:04d}") for n in range(4)]
            wait_until(lambda: own.service.metric("held_calls") == 4, 10, "all of them to wait")
            started = time.monotonic()
            assert own.service.stop() == 0
            assert time.monotonic() - started < 8
        assert [call.result().said[-1] for call in calls] == ["No input received. Goodbye."] * 4
