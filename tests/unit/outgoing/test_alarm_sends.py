"""Sends for alarms: only their end stops them, and a lost one is sent again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.conftest import Announced
from tests.gateway import Lost
from tests.unit.outgoing.office import PHONE, TO, Office
from tests.waiting import wait_until
from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.model.actions import MakeCall, SendMessage
from twilio_binding.model.limits import Limits
from twilio_binding.model.uids import ThingUID
from twilio_binding.outgoing import dispatch
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request

AWAY = TwilioError("twilio_away", "Twilio cannot be reached", retryable=True)


def request(number: int, action: str = "alarmText", **args: object) -> Request:
    """A request of an alarm."""
    given: dict[str, object] = {
        "to": TO,
        **({"twiml": "<Response/>"} if action == "alarmCall" else {"message": "Fire"}),
    }
    return Request(thing=PHONE, action=action, args=given | args, id=f"alarm-{number}")


def ask(office: Office, *requests: Request) -> list[Reply]:
    """The replies to requests of an alarm."""
    replies: list[Reply] = []
    for one in requests:
        office.sends.begin(one, replies.append, lambda: None)
    return wait_until(lambda: replies if len(replies) == len(requests) else None)


def test_no_limit_holds_for_alarms(tmp_path: Path) -> None:
    """Neither limits nor the loop guard nor STOP apply; and an alarm uses up no limit."""
    limits = Limits(messages_per_hour=1, calls_per_hour=1, emergencies_per_day=1, loop_sends=1)
    with Office(tmp_path, limits=limits) as office:
        office.opt_outs.hear({"From": TO, "To": "+15551234567", "OptOutType": "STOP"}, "out")
        assert all(reply.ok for reply in ask(office, *(request(number) for number in range(4))))
        assert all(reply.ok for reply in ask(office, *(request(number, "alarmCall") for number in range(10, 14))))


def test_nobody_outside_may_send_like_an_alarm(tmp_path: Path) -> None:
    """A request over MQTT for such a send is refused."""
    with Office(tmp_path) as office:
        assert office.ask(request(1)).code == "unknown_action"
        assert office.gateway.asked == []


def test_one_that_left_no_trace_goes_out_again(tmp_path: Path, announced: Announced) -> None:
    """If Twilio fails and has no record, a second try is better than none."""
    announced("send.unknown")
    with Office(tmp_path) as office:
        office.gateway.sends.append(OutcomeUnknownError("Twilio answered 500"))
        (reply,) = ask(office, request(1, "alarmCall"))
        assert reply.ok
        assert len(office.gateway.asked) == 2


def test_one_that_twilio_has_is_not_sent_again(tmp_path: Path, announced: Announced) -> None:
    """Only its answer was lost."""
    announced("send.unknown")
    with Office(tmp_path) as office:
        office.gateway.sends.append(Lost(OutcomeUnknownError("Twilio did not answer in time")))
        (reply,) = ask(office, request(1))
        assert reply.result["sid"] == "SM1"
        assert len(office.gateway.asked) == 1


def test_it_is_tried_until_it_is_withdrawn(tmp_path: Path) -> None:
    """While the internet is down, no deadline ends it, but the end of the alarm does."""
    with Office(tmp_path) as office:
        office.gateway.sends.extend([AWAY] * 1000)
        replies: list[Reply] = []
        office.sends.begin(request(1), replies.append, lambda: None)
        wait_until(lambda: len(office.gateway.asked) > 3)
        office.withdrawn.add("alarm-1")
        (reply,) = wait_until(lambda: replies)
        assert reply.code == "withdrawn"


@pytest.mark.parametrize("is_over", [False, True])
def test_after_a_crash_it_is_known_whether_it_went_out(tmp_path: Path, *, is_over: bool) -> None:
    """The next process gets the outcome of a request by its id, whether it was in progress or done."""
    with Office(tmp_path) as office:
        if is_over:
            ask(office, request(1))
        else:
            office.outbox.admit(request(1), [TO])
    with Office(tmp_path) as office:
        replies: list[Reply] = []
        assert office.sends.resume("alarm-1", replies.append)
        assert not office.sends.resume("alarm-2", replies.append)
        (reply,) = wait_until(lambda: replies)
        assert reply.ok
        assert len(office.gateway.asked) == (0 if is_over else 1)


def test_a_call_looks_out_for_machines(tmp_path: Path) -> None:
    """So that a mailbox is not an acknowledgement."""
    with Office(tmp_path) as office:
        ask(office, request(1, "alarmCall"))
        send = office.gateway.asked[0].send
        assert isinstance(send, MakeCall) and send.alarm


@pytest.mark.parametrize("code", ["twilio.20003", "twilio.http_403", "twilio.20005"])
def test_an_account_that_is_mended_serves_it(tmp_path: Path, announced: Announced, code: str) -> None:
    """After a wrong token, a captive portal or a suspended account, it is retried with the current configuration."""
    announced("send.refused_for_now")
    error = TwilioError(code, "refused", inactive=code.endswith("20005"))
    with Office(tmp_path) as office:
        office.gateway.sends.extend([error] * 1000)
        replies: list[Reply] = []
        office.sends.begin(request(1), replies.append, lambda: None)
        wait_until(lambda: len(office.gateway.asked) > 2)
        things = office.things.things
        (uid, phone), *others = things.phones.items()
        moved = ThingUID("twilio:account:other")
        accounts = {**things.accounts, moved: replace(things.accounts[phone.bridge], uid=moved)}
        office.things.things = replace(
            things, accounts=accounts, phones={uid: replace(phone, bridge=moved), **dict(others)}
        )
        wait_until(lambda: office.gateway.asked[-1].account == moved)
        office.gateway.sends.clear()
        (reply,) = wait_until(lambda: replies)
        assert reply.ok


def test_a_number_that_cannot_be_reached_is_refused_at_once(tmp_path: Path) -> None:
    """So the next step begins without a wait."""
    with Office(tmp_path) as office:
        office.gateway.sends.append(TwilioError("twilio.21211", "Invalid 'To' Phone Number"))
        (reply,) = ask(office, request(1))
        assert (reply.code, len(office.gateway.asked)) == ("twilio.21211", 1)


def test_it_is_never_given_up_while_the_alarm_goes_on(
    tmp_path: Path, announced: Announced, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the disk is full for longer than other sends are tried, this one goes out when there is room."""
    announced("store.write_failed", "send.failed")
    monkeypatch.setattr(dispatch, "_AGAIN", 0.01)
    monkeypatch.setattr(dispatch, "_TRIES", 2)
    one = replace(request(1), id="alarm.r.1.0")
    with Office(tmp_path) as office, capture_logs() as entries:
        full = "CREATE TRIGGER full BEFORE UPDATE OF asked ON parts BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        office.database.write(lambda connection: connection.execute(full))
        assert ask(office, one)[0].code == "internal"
        wait_until(lambda: sum(entry["event"] == "send.failed" for entry in entries) > 3)
        assert office.outbox.unfinished()
        office.database.write(lambda connection: connection.execute("DROP TRIGGER full"))
        replies: list[Reply] = []
        assert office.sends.resume(one.id, replies.append)
        (reply,) = wait_until(lambda: replies)
        assert reply.ok


_TEMPLATE: dict[str, object] = {"template": "HX" + "0" * 32, "variables": '{"1":"Fire","2":"Smoke","3":"1"}'}


def test_a_template_goes_out_in_place_of_the_text(tmp_path: Path) -> None:
    """The text stays beside it, for the case that Twilio refuses the template."""
    with Office(tmp_path) as office:
        (reply,) = ask(office, request(1, "alarmWhatsApp", **_TEMPLATE))
        assert reply.ok
        send = office.gateway.asked[0].send
        assert isinstance(send, SendMessage)
        assert (send.template, send.variables, send.body) == (_TEMPLATE["template"], _TEMPLATE["variables"], "Fire")


@pytest.mark.parametrize("code", ["twilio.21655", "twilio.21656", "twilio.20422"])
def test_a_template_that_twilio_refuses_is_replaced_by_the_text(
    tmp_path: Path, announced: Announced, code: str
) -> None:
    """A wrong Content SID is logged, and the contact gets the text."""
    announced("send.template_refused")
    with Office(tmp_path) as office:
        office.gateway.sends.append(TwilioError(code, "The ContentSid is invalid"))
        (reply,) = ask(office, request(1, "alarmWhatsApp", **_TEMPLATE))
        assert reply.ok
        sends = [asked.send for asked in office.gateway.asked]
        assert [send.template for send in sends if isinstance(send, SendMessage)] == [_TEMPLATE["template"], ""]


def test_nobody_outside_sends_templates(tmp_path: Path) -> None:
    """The actions of phones have no such argument."""
    with Office(tmp_path) as office:
        wanted = Request(thing=PHONE, action="sendWhatsApp", args={"to": TO, "message": "x"} | _TEMPLATE, id="r")
        assert office.ask(wanted).code == "bad_argument"
