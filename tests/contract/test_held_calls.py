"""Contract, section 6: a caller waits for a rule, and always hears something."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from structlog.testing import capture_logs

from tests.conftest import Announced
from tests.contract.house import ACCOUNT_SID, PHONE, PUBLIC_URL, THINGS, TOKEN, Answer, House
from tests.sids import sid
from tests.waiting import busy, wait_until
from twilio_binding.model.things import DEFAULT_GATHER_RESPONSE, DEFAULT_GREETING

_GATHER = f"{PUBLIC_URL}/twilio/callback/{PHONE}/gather"
_GREETING = DEFAULT_GREETING.replace("{gatherUrl}", _GATHER)
_SOON = 5 * busy()
_CALL = {"CallSid": sid("CA", 1), "From": "+15557654321", "To": "+15551234567", "CallStatus": "ringing"}
_KEYS = _CALL | {"Digits": "1", "CallStatus": "in-progress"}
_HELLO = "<Response><Say>Grüße 😀</Say></Response>"
_QUICK = f"""
Bridge twilio:account:a [ accountSid="{ACCOUNT_SID}", authToken="{TOKEN}", publicUrl="{PUBLIC_URL}" ] {{
    Thing phone b [ phoneNumber="+15551234567", responseTimeout=1, waitForRule="%s",
                    voiceGreeting="<Response><Say>Grüß Gott ✓ {{gatherUrl:main}}</Say></Response>" ]
}}
"""


class Callers:
    """Calls that wait in the background."""

    def __init__(self, house: House, pool: ThreadPoolExecutor) -> None:
        self._house, self._pool = house, pool

    def call(
        self,
        endpoint: str = "voice",
        fields: dict[str, str] | None = None,
        *,
        query: str = "",
        token: str = "",
        held: int,
    ) -> Future[Answer]:
        """Send a request, and wait until it is stored and so many requests are held, or it is answered."""
        pairs = fields or (_CALL if endpoint == "voice" else _KEYS)
        before = len(self._house.events())
        future = self._pool.submit(self._house.post, endpoint, pairs, query=query, idempotency=token)

        def is_held() -> bool:
            return len(self._house.held) == held and len(self._house.events()) > before

        wait_until(lambda: is_held() or future.done(), 5, "the call to be held")
        return future

    def join(self, endpoint: str, fields: dict[str, str], *, token: str = "") -> Future[Answer]:
        """Repeat a request, and wait until it has been handled."""
        before = len(self._house.held.seen)
        future = self._pool.submit(self._house.post, endpoint, fields, idempotency=token)
        wait_until(lambda: len(self._house.held.seen) > before, 5, "the copy to arrive")
        return future


@pytest.fixture
def callers(house: House) -> Iterator[Callers]:
    """Callers of a phone with a listening rule."""
    house.listening |= {f"{PHONE}:call-received", f"{PHONE}:dtmf-received"}
    with ThreadPoolExecutor(8) as pool:
        yield Callers(house, pool)
        house.held.close()


def test_rule_answers(house: House, callers: Callers) -> None:
    """The trigger is stored while the caller waits; the rule's TwiML is sent unchanged, in UTF-8."""
    call = callers.call(held=1)
    assert [event.channel for event in house.events()] == ["call-received"]
    reply = house.respond(sid("CA", 1), _HELLO)
    assert (reply.ok, reply.result) == (True, {"callSid": sid("CA", 1), "status": "answered"})
    answer = call.result(_SOON)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert answer.body == _HELLO.encode()


def test_nobody_listens(house: House) -> None:
    """Without a listener, the default is immediate, and the trigger fires."""
    assert house.post("voice", _CALL).text == _GREETING
    assert house.post("gather", _KEYS).text == DEFAULT_GATHER_RESPONSE
    assert [event.channel for event in house.events()] == ["call-received", "dtmf-received"]


def test_listening_is_per_channel(house: House) -> None:
    """A rule that listens to calls does not make gathers wait."""
    house.listening.add(f"{PHONE}:call-received")
    assert house.post("gather", _KEYS).text == DEFAULT_GATHER_RESPONSE


def test_channel_that_was_ever_answered(house: House, callers: Callers, announced: Announced) -> None:
    """After an unknown program has answered, callers of its channel wait, also after a restart; others do not."""
    announced("answer.lost")
    keys = f"{PHONE}:dtmf-received"
    house.listening.clear()
    house.post("gather", _KEYS)
    house.respond(sid("CA", 1), _HELLO)
    second = callers.call("gather", held=1)
    assert house.respond(sid("CA", 1), _HELLO).ok
    assert second.result(_SOON).text == _HELLO
    assert wait_until(house.answered.answered_channels) == {keys}
    assert house.post("voice", _CALL).text == _GREETING


def test_known_rule_that_goes_is_not_waited_for(house: House, callers: Callers) -> None:
    """The answer of a known rule does not count as one of an unknown program: when the rule is removed, the next caller is not held."""
    first = callers.call(held=1)
    house.respond(sid("CA", 1), _HELLO)
    assert first.result(_SOON).text == _HELLO
    house.listening.clear()
    assert house.post("voice", _CALL | {"CallSid": sid("CA", 2)}).text == _GREETING
    assert house.answered.answered_channels() == set()


def test_held_callers_are_let_go_when_nobody_can_answer(house: House, callers: Callers) -> None:
    """When all listeners are known to be down, waiting callers hear the default; others keep waiting."""
    call = callers.call(held=1)
    keys = callers.call("gather", _KEYS | {"CallSid": sid("CA", 2)}, held=2)
    house.listening.discard(f"{PHONE}:call-received")
    assert house.held.review() == 1
    assert call.result(_SOON).text == _GREETING
    assert not keys.done()
    assert 'twilio_binding_call_answers_total{by="default"} 1.0' in house.metrics.text().decode()


def test_who_answers_late_is_waited_for_the_next_time(house: House, callers: Callers, announced: Announced) -> None:
    """If an unknown program answers a call that has heard the default, the next caller waits for it."""
    announced("answer.lost")
    house.listening.clear()
    assert house.post("voice", _CALL).text == _GREETING
    assert house.respond(sid("CA", 1), _HELLO).code == "unknown_call"
    second = callers.call(fields=_CALL | {"CallSid": sid("CA", 2)}, held=1)
    assert house.respond(sid("CA", 2), _HELLO).ok
    assert second.result(_SOON).text == _HELLO


def _wait_in_vain(house: House, pool: ThreadPoolExecutor, *, delivered: bool) -> None:
    calls = [pool.submit(house.post, "voice", _CALL | {"CallSid": sid("CA", 10 * delivered + n)}) for n in range(5)]
    wait_until(lambda: len(house.held) == 5)
    wait_until(lambda: len(house.journal.pending("openhab", urgent=True, limit=100)) == (10 if delivered else 5))
    for lane in ("openhab", "mqtt") if delivered else ():
        house.journal.delivered(lane, house.journal.pending(lane, urgent=True, limit=100)).result()
    assert {call.result(15).status for call in calls} == {200}


def test_who_answers_no_more_is_not_waited_for(tmp_path: Path) -> None:
    """After five calls that waited in vain, the rule counts as gone: the next caller hears the default immediately."""
    things = (_QUICK % "auto").replace("responseTimeout=1", "responseTimeout=3")  # time for five to wait at once
    with House(tmp_path, things) as house, ThreadPoolExecutor() as pool:
        channel = f"{PHONE}:call-received"
        house.listeners.answered(PHONE, "call-received", "CA")
        _wait_in_vain(house, pool, delivered=False)
        assert channel in house.answered.answered_channels()
        _wait_in_vain(house, pool, delivered=True)
        wait_until(lambda: channel not in house.answered.answered_channels())
        asked = time.monotonic()
        house.post("voice", _CALL)
        assert time.monotonic() - asked < 2.5


@pytest.mark.parametrize(("wait_for_rule", "listening"), [("always", False), ("auto", True)])
def test_deadline(tmp_path: Path, announced: Announced, wait_for_rule: str, *, listening: bool) -> None:
    """At responseTimeout the caller hears the thing's own TwiML; a late answer is refused with a reason."""
    announced("answer.lost")
    with House(tmp_path, _QUICK % wait_for_rule) as house:
        if listening:
            house.listening.add(f"{PHONE}:call-received")
        answer = house.post("voice", _CALL)
        expected = f"<Response><Say>Grüß Gott ✓ {_GATHER}?menu=main</Say></Response>"
        assert answer.body == expected.encode()
        late = house.respond(sid("CA", 1), _HELLO)
        assert (late.ok, late.code) == (False, "too_late")
        text = house.metrics.text().decode()
        assert 'twilio_binding_call_answers_total{by="deadline"} 1.0' in text
        assert 'twilio_binding_rule_responses_total{verdict="too_late"} 1.0' in text


def test_never_wait(tmp_path: Path, announced: Announced) -> None:
    """waitForRule=never answers with the default immediately although a rule listens; the event is delivered."""
    announced("answer.lost")
    with House(tmp_path, _QUICK % "never") as house:
        house.listening.add(f"{PHONE}:call-received")
        assert "Grüß Gott" in house.post("voice", _CALL).text
        assert house.respond(sid("CA", 1), _HELLO).code == "unknown_call"
        assert len(house.events()) == 1


@pytest.mark.parametrize(
    "twiml",
    [
        "<Response><Say>Hi</Response>",
        "Hello",
        "<Say>Hi</Say>",
        "<response/>",
        "<Response>\x01</Response>",
        "<Response>&nbsp;</Response>",
        '<!DOCTYPE r [<!ENTITY a "b">]><Response>&a;</Response>',
        "<Response><!-- " + "x" * 65_536 + " --></Response>",
        "<Response><Say>" + "😀" * 16_384 + "</Say></Response>",
        "<Response/><Response/>",
    ],
)
def test_twiml_that_twilio_would_not_take(house: House, callers: Callers, twiml: str) -> None:
    """A rule's invalid TwiML is refused with the reason, and a second try may win."""
    call = callers.call(held=1)
    refused = house.respond(sid("CA", 1), twiml)
    assert (refused.ok, refused.code) == (False, "bad_twiml")
    assert len(house.held) == 1
    assert house.respond(sid("CA", 1), _HELLO).ok
    assert call.result(_SOON).text == _HELLO


@pytest.mark.parametrize("twiml", ["", "  \n"])
def test_no_twiml(house: House, twiml: str) -> None:
    """An empty answer is refused as a missing argument."""
    assert house.respond(sid("CA", 1), twiml).code == "missing_argument"


@pytest.mark.parametrize(
    ("thing", "call_sid"), [(PHONE, sid("CA", 2)), ("twilio:phone:a:c", sid("CA", 1)), (PHONE, "ca1")]
)
def test_answer_for_another_call(tmp_path: Path, announced: Announced, thing: str, call_sid: str) -> None:
    """An answer for a call that is not waiting, or to another phone, is refused with a reason and answers nobody."""
    announced("answer.lost")
    things = THINGS.replace("Thing phone b", 'Thing phone c [ phoneNumber="+15551234568" ]\n    Thing phone b')
    with House(tmp_path, things) as house, ThreadPoolExecutor(2) as pool:
        house.listening.add(f"{PHONE}:call-received")
        call = Callers(house, pool).call(held=1)
        assert house.respond(call_sid, _HELLO, thing=thing).code == "unknown_call"
        house.held.close()
        assert call.result(_SOON).text == _GREETING


def test_two_requests_of_one_call(house: House, callers: Callers) -> None:
    """Two requests of one call have different ids of ours: answers go to the oldest first."""
    voice = callers.call(held=1)
    keys = callers.call("gather", held=2)
    assert house.respond(sid("CA", 1), "<Response><Say>1</Say></Response>").ok
    assert house.respond(sid("CA", 1), "<Response><Say>2</Say></Response>").ok
    assert voice.result(_SOON).text == "<Response><Say>1</Say></Response>"
    assert keys.result(_SOON).text == "<Response><Say>2</Say></Response>"


def test_second_answer_is_too_late(house: House, callers: Callers, announced: Announced) -> None:
    """Only one answer counts; the second is refused."""
    announced("answer.lost")
    call = callers.call(held=1)
    assert house.respond(sid("CA", 1), _HELLO, request_id="one").ok
    assert house.respond(sid("CA", 1), "<Response/>", request_id="two").code == "too_late"
    assert call.result(_SOON).text == _HELLO


def test_answer_delivered_twice(house: House, callers: Callers) -> None:
    """A repeated request of a rule, while the next menu waits, answers nothing more."""
    greeting = callers.call(held=1)
    assert house.respond(sid("CA", 1), _HELLO, request_id="one").ok
    greeting.result(_SOON)
    keys = callers.call("gather", held=1)
    assert house.respond(sid("CA", 1), _HELLO, request_id="one").ok
    assert len(house.held) == 1
    assert house.respond(sid("CA", 1), "<Response/>", request_id="two").ok
    assert keys.result(_SOON).text == "<Response/>"


def test_same_token_while_waiting(house: House, callers: Callers) -> None:
    """A copy that arrives while the first waits gets the same answer, and no second trigger fires."""
    first = callers.call(token="T1", held=1)
    second = callers.join("voice", _CALL, token="T1")
    assert len(house.held) == 1
    assert house.respond(sid("CA", 1), _HELLO).ok
    assert first.result(_SOON).text == second.result(_SOON).text == _HELLO
    assert len(house.events()) == 1


def test_same_token_afterwards(house: House, callers: Callers) -> None:
    """A copy after the answer gets it immediately, with the fields in any order."""
    first = callers.call(token="T1", held=1)
    house.respond(sid("CA", 1), _HELLO)
    first.result(_SOON)
    again = callers.call(fields=dict(reversed(_CALL.items())), token="T1", held=1)
    assert again.result(_SOON).text == _HELLO
    assert len(house.events()) == 1


def test_same_token_after_the_default(house: House) -> None:
    """A copy of a call that nobody answered gets the default, even if a rule listens by now."""
    house.post("voice", _CALL, idempotency="T1")
    house.listening.add(f"{PHONE}:call-received")
    assert house.post("voice", _CALL, idempotency="T1").text == _GREETING
    assert len(house.events()) == 1


def test_same_token_after_a_restart(tmp_path: Path) -> None:
    """The answer of the first copy survives a restart."""
    with House(tmp_path) as house, ThreadPoolExecutor(1) as pool:
        house.listening.add(f"{PHONE}:call-received")
        call = Callers(house, pool).call(token="T1", held=1)
        house.respond(sid("CA", 1), _HELLO)
        assert call.result(_SOON).text == _HELLO
    with House(tmp_path) as house:
        assert house.post("voice", _CALL, idempotency="T1").text == _HELLO
        assert len(house.events()) == 1


def test_same_token_on_another_endpoint(house: House) -> None:
    """A token belongs to its endpoint."""
    house.post("voice", _CALL, idempotency="T1")
    house.post("gather", _KEYS, idempotency="T1")
    assert len(house.events()) == 2


def test_no_token_while_waiting(house: House, callers: Callers) -> None:
    """Without a token, an equal request is the same as the first while that is unanswered."""
    first = callers.call(held=1)
    second = callers.join("voice", _CALL)
    assert len(house.held) == 1
    house.respond(sid("CA", 1), _HELLO)
    assert first.result(_SOON).text == second.result(_SOON).text == _HELLO
    assert len(house.events()) == 1


def test_no_token_afterwards(house: House, callers: Callers) -> None:
    """Without a token, the same digits of the same call are new after the first were answered: two menus, two events."""
    for number in range(3):
        call = callers.call("gather", held=1)
        assert house.respond(sid("CA", 1), f"<Response><Say>{number}</Say></Response>").ok
        assert call.result(_SOON).text == f"<Response><Say>{number}</Say></Response>"
    assert len(house.events()) == 3


def test_same_digits_in_two_menus(house: House, callers: Callers) -> None:
    """The same digits in two menus are two requests, even while both wait."""
    fire = callers.call("gather", query="?menu=fire", held=1)
    door = callers.call("gather", query="?menu=door", held=2)
    assert [json.loads(event.payload)["menu"] for event in house.events()] == ["fire", "door"]
    for _ in range(2):
        house.respond(sid("CA", 1), "<Response/>")
    assert fire.result(_SOON).text == door.result(_SOON).text == "<Response/>"


@pytest.mark.parametrize(
    ("twiml", "action"),
    [
        ("{gatherUrl}", _GATHER),
        ("{gatherUrl:fire}", f"{_GATHER}?menu=fire"),
        ("{gatherUrl}?menu=fire&amp;step=2", f"{_GATHER}?menu=fire&step=2"),
        ("{gatherUrl:a.b-c_d~1}", f"{_GATHER}?menu=a.b-c_d~1"),
        ("{gatherUrl:no blanks}", "{gatherUrl:no blanks}"),
        ("{gatherURL}", "{gatherURL}"),
        ("{other}", "{other}"),
    ],
)
def test_gather_url_in_a_rules_twiml(house: House, callers: Callers, twiml: str, action: str) -> None:
    """The placeholder in a rule's TwiML is replaced, with or without a menu; everything else is unchanged."""
    call = callers.call(held=1)
    assert house.respond(sid("CA", 1), f'<Response><Gather action="{twiml}"/></Response>').ok
    gather = ET.fromstring(call.result(_SOON).body).find("Gather")
    assert gather is not None
    assert gather.get("action") == action


def test_rules_twiml_that_grows_too_large(house: House, callers: Callers) -> None:
    """TwiML of a rule that exceeds 64 kB with the URLs in it is refused, and the caller is still held."""
    call = callers.call(held=1)
    many = '<Gather action="{gatherUrl}"/>' * 1500
    reply = house.respond(sid("CA", 1), f"<Response>{many}</Response>")
    assert (reply.ok, reply.code) == (False, "bad_twiml")
    assert reply.message == "the TwiML is larger than 64 kB once {gatherUrl} is filled in"
    assert house.respond(sid("CA", 1), _HELLO).ok
    assert call.result(_SOON).text == _HELLO


@pytest.mark.parametrize(("parameter", "endpoint"), [("voiceGreeting", "voice"), ("gatherResponse", "gather")])
@pytest.mark.parametrize("cloud", [False, True])
def test_default_that_grows_too_large(
    tmp_path: Path, announced: Announced, parameter: str, endpoint: str, *, cloud: bool
) -> None:
    """A thing's own TwiML that exceeds 64 kB with the URLs in it is named, and callers hear the built-in one."""
    announced("things.problem", "call.default_unusable")
    many = "<Gather action='{gatherUrl}'/>" * 1500
    things = THINGS.replace('+15551234567"', f'+15551234567", {parameter}="<Response>{many}</Response>"')
    if cloud:
        things = things.replace(f', publicUrl="{PUBLIC_URL}/"', ", useCloudWebhook=true")
    with House(tmp_path, things) as house, capture_logs() as logs:
        house.things.use_cloud_url("https://cloud.example/hook/1" if cloud else "")
        house.things.take_over()
        signed = f"https://cloud.example/hook/1/{PHONE}/{endpoint}" if cloud else None
        answer = house.post(endpoint, _CALL, signed_url=signed)
    assert answer.status == 200
    assert len(answer.body) < 1000
    assert "larger than 64 kB once {gatherUrl} is filled in" in str(logs)


def test_menu_round_trip(house: House, callers: Callers) -> None:
    """Twilio can sign the URL in a rule's menu, and the name comes back."""
    call = callers.call(held=1)
    house.respond(sid("CA", 1), '<Response><Gather action="{gatherUrl:fire}"/></Response>')
    gather = ET.fromstring(call.result(_SOON).body).find("Gather")
    assert gather is not None
    query = str(gather.get("action")).removeprefix(_GATHER)
    house.listening.add(f"{PHONE}:dtmf-received")
    keys = callers.call("gather", query=query, held=1)
    house.respond(sid("CA", 1), "<Response/>")
    assert keys.result(_SOON).status == 200
    assert json.loads(house.events()[1].payload)["menu"] == "fire"


@pytest.mark.parametrize("status", ["completed", "busy", "failed", "no-answer", "canceled"])
def test_caller_hangs_up(house: House, callers: Callers, announced: Announced, status: str) -> None:
    """The end of the call releases what waits; a rule that answers then is too late."""
    announced("answer.lost")
    call = callers.call(held=1)
    other = callers.call(fields=_CALL | {"CallSid": sid("CA", 2)}, held=2)
    assert house.post("status", {"CallSid": sid("CA", 1), "CallStatus": status}).status == 200
    assert call.result(_SOON).text == _GREETING
    assert len(house.held) == 1
    assert house.respond(sid("CA", 1), _HELLO).code == "too_late"
    assert house.respond(sid("CA", 2), _HELLO).ok
    assert other.result(_SOON).text == _HELLO


@pytest.mark.parametrize("status", ["ringing", "in-progress", "", "Completed"])
def test_call_goes_on(house: House, callers: Callers, status: str) -> None:
    """A status other than the end leaves the call waiting."""
    call = callers.call(held=1)
    house.post("status", {"CallSid": sid("CA", 1), "CallStatus": status})
    assert house.respond(sid("CA", 1), _HELLO).ok
    assert call.result(_SOON).text == _HELLO


def test_shutdown(house: House, callers: Callers) -> None:
    """On shutdown every caller hears the default, and later ones hear it immediately."""
    call, keys = callers.call(held=1), callers.call("gather", held=2)
    assert house.held.close() == 2
    assert (call.result(_SOON).text, keys.result(_SOON).text) == (_GREETING, DEFAULT_GATHER_RESPONSE)
    assert house.post("voice", _CALL).text == _GREETING


def test_too_many_calls(tmp_path: Path) -> None:
    """Over the limit, the next caller hears the default immediately, and its event is delivered."""
    with House(tmp_path, most_held=2) as house, ThreadPoolExecutor(4) as pool:
        house.listening.add(f"{PHONE}:call-received")
        callers = Callers(house, pool)
        waiting = [callers.call(fields=_CALL | {"CallSid": sid("CA", number)}, held=number) for number in (1, 2)]
        assert house.post("voice", _CALL | {"CallSid": sid("CA", 3)}).text == _GREETING
        assert len(house.events()) == 3
        house.held.close()
        assert [call.result(_SOON).text for call in waiting] == [_GREETING] * 2


def test_journal_lost(house: House, announced: Announced) -> None:
    """A call that cannot be stored is answered immediately and not held, however often Twilio asks."""
    announced("call.failed", "store.write_failed")
    house.database.write(lambda connection: connection.execute("DROP TABLE events"))
    house.listening.add(f"{PHONE}:call-received")
    for _ in range(2):
        assert house.post("voice", _CALL, idempotency="T1").text == _GREETING
    assert len(house.held) == 0


def test_journal_lost_after_the_answer(house: House, callers: Callers, announced: Announced) -> None:
    """If the answer of a rule cannot be stored, its caller still hears it."""
    announced("call.answer_not_stored", "listeners.not_stored")
    call = callers.call(token="T1", held=1)
    house.database.stop()
    assert house.respond(sid("CA", 1), _HELLO).ok
    assert call.result(_SOON).text == _HELLO


@pytest.mark.parametrize("wait", ["always", "never"])
def test_store_that_takes_too_long(tmp_path: Path, announced: Announced, wait: str) -> None:
    """While nothing can be written, the caller hears the default at the deadline; the event is stored later."""
    announced("call.failed")
    with House(tmp_path, _QUICK % wait) as house:
        inside, go_on = threading.Event(), threading.Event()

        def block(_: object) -> None:
            inside.set()
            go_on.wait(60)

        house.database.write_later(block)
        assert inside.wait(60)
        started = time.monotonic()
        try:
            assert "Grüß Gott" in house.post("voice", _CALL).text
            assert 0.9 < time.monotonic() - started < 8
        finally:
            go_on.set()
        wait_until(lambda: len(house.events()) == 1, 5, "the event")
        assert len(house.held) == 0
