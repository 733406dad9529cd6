"""Sends: each recipient once, and never again while the outcome is unknown."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.conftest import Announced
from tests.gateway import Lost, ScriptedGateway
from tests.unit.outgoing.office import PHONE, THINGS, TO, Office, sms
from tests.waiting import wait_until
from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.model.actions import MakeCall, SendMessage
from twilio_binding.model.things import Things
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request

_AWAY = TwilioError("twilio_away", "Twilio cannot be reached", retryable=True)
_REFUSED = TwilioError("twilio.21211", "Invalid 'To' Phone Number")
_HI: dict[str, object] = {"segments": 1, "encoding": "GSM-7", "units": 2}
_SILENCE = OutcomeUnknownError("Twilio did not answer in time")
_LONG = 60.0


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office at work."""
    with Office(tmp_path) as office:
        yield office


def _tos(office: Office) -> list[str]:
    return [asked.to for asked in office.gateway.asked]


def test_message(office: Office) -> None:
    """A message is sent once, with a callback that contains the request's id, and its SID is returned."""
    reply = office.ask(sms("a/b ü"))
    assert (reply.ok, reply.result, reply.id) == (True, {"sid": "SM1", "status": "queued"} | _HI, "a/b ü")
    (asked,) = office.gateway.asked
    assert (asked.to, asked.send) == (TO, SendMessage(to=(TO,), body="Hi"))
    assert asked.callback == f"https://my.domain.com/twilio/callback/{PHONE}/status?request=a%2Fb%20%C3%BC"


@pytest.mark.parametrize(("to", "commits"), [(TO, 3), ([TO, "+15557654322"], 5)])
def test_commits_of_a_send(office: Office, to: object, commits: int) -> None:
    """A request costs one commit when it is stored, and two for each recipient; the last one closes it."""
    done: list[str] = []
    office.database.write(lambda connection: connection.set_trace_callback(done.append))
    done.clear()
    assert office.ask(sms(to=to)).ok
    assert done.count("COMMIT") == commits


def test_no_public_url(office: Office) -> None:
    """Without a public URL there is no callback."""
    _take_away_public_url(office)
    assert office.ask(call("r", "<Response/>")).ok
    (asked,) = office.gateway.asked
    assert asked.callback is None
    assert asked.send == MakeCall(to=(TO,), twiml="<Response/>")


@pytest.mark.parametrize(
    ("to", "placeholder"), [(TO, "{gatherUrl}"), (TO, "{gatherUrl:fire}"), ([TO, "+15557654322"], "{gatherUrl}")]
)
@pytest.mark.parametrize("cloud", [False, True])
def test_menu_without_a_public_url(office: Office, to: object, placeholder: str, *, cloud: bool) -> None:
    """A call whose keys could not arrive is not made; if openHAB Cloud may still provide a URL, it may work later."""
    _take_away_public_url(office, use_cloud_webhook=cloud)
    reply = office.ask(call("r", f'<Response><Gather action="{placeholder}"/></Response>', to))
    assert (reply.ok, reply.code) == (False, "no_public_url")
    assert "has no publicUrl, so there is no URL for {gatherUrl}" in reply.message
    if isinstance(to, str):
        assert reply.retryable is cloud
    assert office.gateway.asked == []


def _take_away_public_url(office: Office, *, use_cloud_webhook: bool = False) -> None:
    accounts = {
        uid: replace(account, public_url="", use_cloud_webhook=use_cloud_webhook)
        for uid, account in THINGS.accounts.items()
    }
    office.things.things = Things(accounts=accounts, phones=THINGS.phones)


def call(request_id: str, twiml: str, to: object = TO) -> Request:
    """A request for a call."""
    return Request(thing=PHONE, action="makeCall", args={"to": to, "twiml": twiml}, id=request_id)


def test_call_that_grows_too_large(office: Office) -> None:
    """TwiML that is too large with the URL in it is refused before Twilio is asked, with the reason."""
    many = '<Gather action="{gatherUrl}"/>' * 100
    reply = office.ask(call("r", f"<Response>{many}</Response>"))
    assert (reply.ok, reply.code) == (False, "bad_twiml")
    assert "can have at most 4000 characters; this has" in reply.message
    assert "once {gatherUrl} is filled in" in reply.message
    assert office.gateway.asked == []


@pytest.mark.parametrize("url", [True, False])
def test_spoken_placeholder(office: Office, *, url: bool) -> None:
    """A spoken text may be a stranger's: it never becomes our URL, and never prevents a call."""
    if not url:
        _take_away_public_url(office)
    text = "press {gatherUrl:fire} or {gatherUrl}"
    args: dict[str, object] = {"to": TO, "text": text, "voice": "{gatherUrl}"}
    assert office.ask(Request(thing=PHONE, action="makeTTSCall", args=args, id="r")).ok
    send = office.gateway.asked[0].send
    assert isinstance(send, MakeCall)
    say = ET.fromstring(send.twiml).find("Say")
    assert say is not None
    assert (say.text, say.get("voice")) == (text, "{gatherUrl}")


def test_call_with_its_menu(office: Office) -> None:
    """The gather URL is filled into the TwiML of a call before it is sent."""
    args: dict[str, object] = {"to": TO, "twiml": '<Response><Gather action="{gatherUrl:fire}"/></Response>'}
    assert office.ask(Request(thing=PHONE, action="makeCall", args=args, id="r")).ok
    send = office.gateway.asked[0].send
    assert isinstance(send, MakeCall)
    assert f'"https://my.domain.com/twilio/callback/{PHONE}/gather?menu=fire"' in send.twiml


def test_refused_by_twilio(office: Office) -> None:
    """What Twilio refuses is not retried; its code and text are returned."""
    office.gateway.sends.append(_REFUSED)
    reply = office.ask(sms())
    assert (reply.ok, reply.code, reply.retryable) == (False, "twilio.21211", False)
    assert _tos(office) == [TO]
    assert office.ask(sms()) == reply
    assert _tos(office) == [TO]


def test_certainly_not_sent(office: Office) -> None:
    """What certainly did not reach Twilio is retried until it does."""
    office.gateway.sends.extend([_AWAY, _AWAY])
    assert office.ask(sms()).ok
    assert _tos(office) == [TO] * 3
    assert office.gateway.looked == []


def test_certainly_not_sent_until_the_deadline(office: Office) -> None:
    """Retries end at the deadline; the reply says that it may succeed later."""
    office.gateway.sends.extend([_AWAY] * 1000)
    reply = office.ask(sms(deadline=time.time() + 1))
    assert (reply.code, reply.retryable) == ("twilio_away", True)
    assert 2 <= len(_tos(office)) < 100
    assert office.gateway.taken == []


def test_outcome_unknown_but_sent(office: Office, announced: Announced) -> None:
    """If the answer was lost, the message is found at Twilio and not sent again."""
    announced("send.unknown")
    office.gateway.sends.append(Lost(_SILENCE))
    reply = office.ask(sms())
    assert (reply.ok, reply.result["sid"]) == (True, "SM1")
    assert _tos(office) == [TO]
    assert len(office.gateway.looked) == 1


def test_outcome_unknown_and_not_sent(office: Office, announced: Announced) -> None:
    """If Twilio has no record, the rule is told and decides; nothing is sent blindly."""
    announced("send.unknown")
    office.gateway.sends.append(_SILENCE)
    reply = office.ask(sms())
    assert (reply.ok, reply.code, reply.retryable) == (False, "unknown", True)
    assert "probably not sent" in reply.message
    assert _tos(office) == [TO]
    assert len(office.gateway.looked) == 2


def test_outcome_unknown_and_twilio_away(office: Office, announced: Announced) -> None:
    """While Twilio cannot be asked, the look-up continues; then the message is found."""
    announced("send.unknown")
    office.gateway.sends.append(Lost(_SILENCE))
    office.gateway.finds.extend([_AWAY, _SILENCE, _AWAY, _AWAY])
    assert office.ask(sms()).result["sid"] == "SM1"
    assert _tos(office) == [TO]


def test_outcome_never_known(office: Office, announced: Announced) -> None:
    """If Twilio cannot be asked until the deadline, the reply says that it may have been sent."""
    announced("send.unknown")
    office.gateway.sends.append(Lost(_SILENCE))
    office.gateway.finds.extend([_AWAY] * 1000)
    reply = office.ask(sms(deadline=time.time() + 1))
    assert (reply.code, reply.retryable) == ("unknown", False)
    assert "may have been sent" in reply.message
    assert _tos(office) == [TO]


def test_twins_with_unknown_outcome(tmp_path: Path, announced: Announced) -> None:
    """Of two equal requests with lost answers, only one may claim the one message at Twilio."""
    announced("send.unknown")
    gateway = ScriptedGateway()
    gateway.sends.extend([Lost(_SILENCE), _SILENCE])
    with Office(tmp_path, gateway, look_ups=(0.05, 0.01)) as office:
        office.submit(sms("r1"))
        office.submit(sms("r2"))
        assert sorted(reply.ok for reply in office.wait(2)) == [False, True]


def test_message_of_another_request_is_not_claimed(tmp_path: Path, announced: Announced) -> None:
    """A message that belongs to another request proves nothing."""
    announced("send.unknown")
    with Office(tmp_path, look_ups=(0.2,)) as office:
        office.gateway.sends.append(_SILENCE)
        office.submit(sms("lost"))
        wait_until(lambda: office.gateway.asked, 5, "the first to be under way")
        assert office.ask(sms("other")).ok
        assert [reply.code for reply in office.wait(1)] == ["unknown"]


@pytest.mark.parametrize("late", [1.0, 3600.0])
def test_deadline_over(office: Office, late: float) -> None:
    """A request after its deadline is refused, and Twilio is never asked."""
    reply = office.ask(sms(deadline=time.time() - late))
    assert (reply.code, _tos(office)) == ("expired", [])


def test_deadline_over_in_the_queue(tmp_path: Path) -> None:
    """A request whose deadline passes while others are sent is not sent."""
    with Office(tmp_path, workers=1) as office:
        office.gateway.open.clear()
        office.submit(sms("r1"))
        wait_until(lambda: office.gateway.asked, 5, "the first to be under way")
        deadline = time.time() + 0.05
        office.submit(sms("r2", deadline=deadline))
        wait_until(lambda: time.time() > deadline, 5)
        office.gateway.open.set()
        assert sorted((reply.id, reply.code) for reply in office.wait(2)) == [("r1", ""), ("r2", "expired")]
        assert len(_tos(office)) == 1


def _numbers(count: int) -> list[str]:
    return [f"+1555765432{number}" for number in range(count)]


def test_several_recipients(office: Office) -> None:
    """Each recipient of a list is sent to once and has its own result, in order; duplicates count once."""
    numbers = _numbers(3)
    reply = office.ask(sms(to=[*numbers, numbers[0]]))
    assert reply.result == {
        "results": [
            {"to": number, "sid": f"SM{position}", "status": "queued"} | _HI
            for position, number in enumerate(numbers, 1)
        ]
    }
    assert _tos(office) == numbers


def test_list_of_one(office: Office) -> None:
    """A list of one recipient is answered as a list."""
    assert office.ask(sms(to=[TO])).result == {"results": [{"to": TO, "sid": "SM1", "status": "queued"} | _HI]}


def test_some_recipients_fail(office: Office) -> None:
    """One refused recipient does not affect the others; the reply names each."""
    office.gateway.sends.extend([None, _REFUSED, None])
    reply = office.ask(sms(to=_numbers(3)))
    assert (reply.ok, reply.code) == (False, "partly_failed")
    assert reply.message == "1 of 3 recipients: Invalid 'To' Phone Number"
    results = reply.result["results"]
    assert isinstance(results, list)
    assert [result.get("sid") for result in results] == ["SM1", None, "SM2"]
    assert results[1]["error"]["code"] == "twilio.21211"


def test_all_recipients_fail(office: Office) -> None:
    """When all fail, the code is that of the first."""
    office.gateway.sends.extend([_REFUSED, _REFUSED])
    assert office.ask(sms(to=_numbers(2))).code == "twilio.21211"


def _interrupt(tmp_path: Path, gateway: ScriptedGateway, request: Request, *, after: int) -> None:
    """Run a first process that ends while the send number `after` is tried in vain."""
    gateway.sends.extend([None] * (after - 1) + [_AWAY] * 1000)
    with Office(tmp_path, gateway) as office:
        office.submit(request)
        wait_until(lambda: len(gateway.asked) >= after, 5, "Twilio to be asked")
    gateway.sends.clear()
    gateway.asked.clear()


def _resumed(office: Office) -> tuple[Request, Reply]:
    return wait_until(lambda: office.resumed[0] if office.resumed else None, 10, "the request to be taken up")


def test_restart_with_an_unfinished_request(tmp_path: Path, announced: Announced) -> None:
    """An unfinished request is looked up at Twilio, then sent, and its reply goes to its topic."""
    announced("send.unknown")
    gateway = ScriptedGateway()
    request = replace(sms(), reply_to="twilio/reply/x/r1")
    _interrupt(tmp_path, gateway, request, after=1)
    with Office(tmp_path, gateway) as office:
        assert _resumed(office) == (request, Reply(id="r1", ok=True, result={"sid": "SM1", "status": "queued"} | _HI))
        assert len(gateway.looked) == 2
        assert _tos(office) == [TO]
    with Office(tmp_path, gateway) as office:
        assert office.ask(request).ok
        assert office.resumed == []
        assert _tos(office) == [TO]


def test_restart_when_it_was_sent(tmp_path: Path, announced: Announced) -> None:
    """A message that went out just before the end of the process is found and not sent again."""
    announced("send.unknown")
    gateway = ScriptedGateway()
    gateway.sends.append(Lost(_SILENCE))
    gateway.finds.extend([_AWAY] * 1000)
    with Office(tmp_path, gateway) as office:
        office.submit(sms())
        wait_until(lambda: gateway.looked, 5, "the look at Twilio")
    gateway.finds.clear()
    with Office(tmp_path, gateway) as office:
        assert _resumed(office)[1].result["sid"] == "SM1"
        assert _tos(office) == [TO]


def _looks(office: Office) -> int:
    return office.outbox.unfinished()[0].parts[0].looks


def test_lives_too_short_for_a_look_up(tmp_path: Path, announced: Announced) -> None:
    """A look-up continues where the end of the process interrupted it, so it ends however short the processes are."""
    announced("send.unknown")
    gateway = ScriptedGateway()
    gateway.sends.append(_SILENCE)
    with Office(tmp_path, gateway, look_ups=(0.0, _LONG, _LONG)) as office:
        office.submit(sms())
        wait_until(lambda: _looks(office) == 1, 5, "the first look")
    with Office(tmp_path, gateway, look_ups=(_LONG, 0.0, _LONG)) as office:
        wait_until(lambda: _looks(office) == 2, 5, "the second")
    with Office(tmp_path, gateway, look_ups=(_LONG, _LONG, 0.0)) as office:
        assert _resumed(office)[1].ok
    assert len(gateway.looked) == 3


def test_restart_while_twilio_is_away(tmp_path: Path, announced: Announced) -> None:
    """Nothing is sent before it could be looked up: otherwise a message could be sent twice."""
    announced("send.unknown")
    gateway = ScriptedGateway()
    gateway.sends.append(Lost(_SILENCE))
    gateway.finds.extend([_AWAY] * 1000)
    with Office(tmp_path, gateway) as office:
        office.submit(sms())
        wait_until(lambda: gateway.looked, 5, "the look at Twilio")
    looks = len(gateway.looked)
    with Office(tmp_path, gateway) as office:
        wait_until(lambda: len(gateway.looked) > looks + 5, 5, "more looks at Twilio")
        assert _tos(office) == [TO]
        gateway.finds.clear()
        assert _resumed(office)[1].result["sid"] == "SM1"
        assert _tos(office) == [TO]


def test_restart_in_the_middle_of_a_list(tmp_path: Path, announced: Announced) -> None:
    """Recipients that were sent to before the restart are not sent to again."""
    announced("send.unknown")
    gateway = ScriptedGateway()
    _interrupt(tmp_path, gateway, sms(to=_numbers(3)), after=2)
    with Office(tmp_path, gateway) as office:
        reply = _resumed(office)[1]
        assert reply.ok
        assert _tos(office) == _numbers(3)[1:]
        results = reply.result["results"]
        assert isinstance(results, list)
        assert [result["sid"] for result in results] == ["SM1", "SM2", "SM3"]


def test_restart_after_the_deadline(tmp_path: Path, announced: Announced) -> None:
    """A request whose deadline has passed at the restart is looked up, but not sent."""
    announced("send.unknown")
    gateway = ScriptedGateway()
    deadline = time.time() + 2.5
    _interrupt(tmp_path, gateway, sms(deadline=deadline), after=1)
    wait_until(lambda: time.time() > deadline, 10)
    with Office(tmp_path, gateway) as office:
        assert _resumed(office)[1].code == "expired"
        assert _tos(office) == []


def _without_phone(office: Office) -> None:
    office.things.things = Things()


def _with_bad_action(office: Office) -> None:
    office.database.write(lambda connection: connection.execute("UPDATE requests SET action = 'noSuch'"))


@pytest.mark.parametrize(("change", "code"), [(_without_phone, "unknown_thing"), (_with_bad_action, "unknown_action")])
def test_restart_with_another_configuration(tmp_path: Path, change: Callable[[Office], None], code: str) -> None:
    """A request that can no longer be carried out is closed with the reason."""
    gateway = ScriptedGateway()
    _interrupt(tmp_path, gateway, sms(), after=1)
    office = Office(tmp_path, gateway)
    change(office)
    with office:
        assert _resumed(office)[1].code == code
        assert not office.outbox.unfinished()


def test_many_requests_at_once(office: Office) -> None:
    """A hundred requests, each delivered three times: a hundred messages and three hundred answers."""
    for number in range(100):
        for _ in range(3):
            office.submit(sms(f"r{number}", f"+155576{number:05}"))
    replies = office.wait(300)
    assert all(reply.ok for reply in replies)
    assert len({(reply.id, reply.result["sid"]) for reply in replies}) == 100
    assert len(_tos(office)) == 100


@pytest.mark.parametrize("action", ["makeCall", "sendSMS"])
def test_twins_go_one_after_the_other(office: Office, action: str) -> None:
    """Sends that Twilio could not tell apart are not made simultaneously; different ones do not wait."""
    text = "twiml" if action == "makeCall" else "message"
    args: dict[str, object] = {"to": TO, text: "<Response/>"}
    office.gateway.open.clear()
    for number in range(3):
        office.submit(Request(thing=PHONE, action=action, args=args, id=f"twin{number}"))
    office.submit(sms("other", message="Something else"))
    wait_until(lambda: len(_tos(office)) == 2, 5, "one of the twins and the other")
    office.gateway.open.set()
    assert all(reply.ok for reply in office.wait(4))
    assert len({reply.result["sid"] for reply in office.replies}) == 4


def test_our_clock_is_wrong(office: Office, announced: Announced) -> None:
    """A send is found again at Twilio although our clock is hours ahead of Twilio's."""
    announced("send.unknown")
    office.gateway.ahead = -7200.0
    office.gateway.sends.append(Lost(_SILENCE))
    assert office.ask(sms()).result["sid"] == "SM1"
    assert len(office.gateway.asked) == 1
