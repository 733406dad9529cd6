"""The Twilio stand-in's calls: what a caller hears and types, what is requested, and how calls end.

Leans on: TwiML's rules for Gather, Record, Redirect and Reject, the codes of what goes wrong, the order of call statuses.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from lab.standins.client import TwilioStandIn
from tests.standins import PUBLIC_URL, Answer, Receiver, receiver, twilio_standin
from tests.waiting import wait_until

OURS = "+15551234567"
TO = "+15557654321"
VOICE, GATHER, STATUS = "/voice", "/gather", "/status"
MENU = '<Response><Gather numDigits="1" action="/gather"><Say>Key?</Say></Gather><Say>Bye</Say></Response>'
SAY = "<Response><Say>{}</Say></Response>"
EVENTS = ["initiated", "ringing", "answered", "completed"]


@pytest.fixture(scope="module")
def server() -> Iterator[TwilioStandIn]:
    """A stand-in whose number is configured with short URLs."""
    with twilio_standin(base_url=PUBLIC_URL, pause=0.001, ring=0.001) as up:
        yield up


@pytest.fixture
def service() -> Iterator[Receiver]:
    """Where webhooks arrive."""
    with receiver() as up:
        yield up


@pytest.fixture
def twilio(server: TwilioStandIn, service: Receiver) -> TwilioStandIn:
    """The stand-in as good as new."""
    server.configure(deliver_to=service.url)
    server.reset()
    return server


@pytest.fixture
def client(twilio: TwilioStandIn) -> Iterator[Any]:
    """Twilio's SDK."""
    client: Any = Client(twilio.options.account_sid, twilio.options.auth_token)
    client.api.base_url = twilio.url
    yield client
    client.http_client.session.close()


def statuses(service: Receiver, count: int) -> list[tuple[str, str]]:
    """Status and sequence number of each status callback."""
    return [
        (asked.fields["CallStatus"], asked.fields["SequenceNumber"])
        for asked in sorted(service.wait(STATUS, count), key=lambda asked: int(asked.fields["SequenceNumber"]))
    ]


def test_caller_hears_everything_in_order(twilio: TwilioStandIn, service: Receiver) -> None:
    """Say, Play and Pause follow each other; the end of the document ends the call."""
    service.answer(
        VOICE,
        '<Response><Say voice="alice">Grüße <emphasis>😀</emphasis></Say><Pause length="30"/>'
        "<Play>https://a.example/x.mp3</Play><Say>Bye</Say><Hangup/><Say>never</Say></Response>",
    )
    report = twilio.call(caller=TO)
    assert report.said == ["Grüße 😀", "Bye"]
    assert report.played == ["https://a.example/x.mp3"]
    assert (report.ended, report.status, report.error, report.warnings) == ("completed", "completed", 0, [])
    assert [request["endpoint"] for request in report.requests] == ["voice"]
    assert report.ms < 5000


def test_first_webhook_rings_and_the_next_is_in_progress(twilio: TwilioStandIn, service: Receiver) -> None:
    """The call rings while the first answer is awaited; only that webhook has the caller's attestation."""
    service.answer(VOICE, MENU)
    service.answer(GATHER, SAY.format("done"))
    report = twilio.call(["5"])
    first, second = (request["form"] for request in report.requests)
    assert (first["CallStatus"], second["CallStatus"]) == ("ringing", "in-progress")
    assert "CallToken" in first and "CallToken" not in second
    assert first["CallSid"] == second["CallSid"] == report.sid
    assert (second["Digits"], second["msg"]) == ("5", "Gather End")
    assert report.said == ["Key?", "done"]


def test_end_of_an_incoming_call_is_told_once(twilio: TwilioStandIn, service: Receiver) -> None:
    """The number's status callback comes when the call is over."""
    twilio.call()
    (asked,) = service.at(STATUS)
    assert (asked.fields["CallStatus"], asked.fields["CallDuration"], asked.fields["Direction"]) == (
        "completed",
        "0",
        "inbound",
    )


@pytest.mark.parametrize(
    ("script", "said", "paths"),
    [
        ([""], ["Key?", "Bye"], []),
        (["#"], ["Key?", "Bye"], []),
        (["words"], ["Key?", "Bye"], []),
        (["1"], ["Key?", "Key?", "Bye"], ["/gather"]),
        (["1", "2"], ["Key?", "Key?", "Key?", "Bye"], ["/gather", "/gather"]),
        (["hangup"], ["Key?"], []),
    ],
)
def test_menus(twilio: TwilioStandIn, service: Receiver, script: list[str], said: list[str], paths: list[str]) -> None:
    """Each Gather takes one entry of the script; without input, the document continues."""
    service.answer(VOICE, MENU)
    service.answer(GATHER, MENU)
    report = twilio.call(script)
    assert report.said == said
    assert [asked.target for asked in service.at(GATHER)] == paths


def test_gather_without_action_asks_its_own_document(twilio: TwilioStandIn, service: Receiver) -> None:
    """The default action is the URL of the current document, with its query."""
    service.answer(VOICE, '<Response><Redirect method="GET">/menu?level=2</Redirect></Response>')
    service.answer("/menu", "<Response><Gather/></Response>", SAY.format("done"))
    report = twilio.call(["12#3"])
    assert report.said == ["done"]
    assert [(asked.method, asked.target.partition("&")[0]) for asked in service.at("/menu")] == [
        ("GET", "/menu?level=2"),
        ("POST", "/menu?level=2"),
    ]
    assert service.at("/menu")[1].fields["FinishedOnKey"] == "#"


def test_empty_result_can_be_wanted(twilio: TwilioStandIn, service: Receiver) -> None:
    """With actionOnEmptyResult silence is told with empty Digits."""
    service.answer(VOICE, '<Response><Gather action="/gather" actionOnEmptyResult="true"/></Response>')
    twilio.call([])
    assert service.at(GATHER)[0].fields["Digits"] == ""


def test_speech(twilio: TwilioStandIn, service: Receiver) -> None:
    """Words are told as speech where the Gather listens."""
    service.answer(VOICE, '<Response><Gather action="/gather" input="dtmf speech" language="de-DE"/></Response>')
    twilio.call(["Licht an"])
    fields = service.at(GATHER)[0].fields
    assert (fields["SpeechResult"], fields["Language"]) == ("Licht an", "de-DE")
    assert "Digits" not in fields


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(status=404), 11200),
        (Answer(status=500, body="<html>"), 11200),
        (Answer(status=0), 11205),
        (Answer(body="<Response><Say>open"), 12100),
        (Answer(body="OK", content_type="text/html"), 12100),
        (Answer(body="<Response/>", content_type=None), 12300),
        (Answer(body='{"a": 1}', content_type="application/json"), 12300),
        (Answer(body=f"<Response><Say>{'x' * 65536}</Say></Response>"), 11750),
        (Answer(body='<Response><Gather numDigits="many"/></Response>'), 13313),
        (Answer(body="<Response><Redirect>/voice</Redirect></Response>"), 14106),
        (Answer(body='<Response><Redirect method="PUT">/x</Redirect></Response>'), 11100),
    ],
)
def test_application_errors(twilio: TwilioStandIn, service: Receiver, answer: Answer, error: int) -> None:
    """A bad answer ends the call with Twilio's code and a reason; the end is still reported."""
    service.answer(VOICE, answer)
    report = twilio.call()
    assert (report.error, report.ended) == (error, "application error")
    assert report.reason
    assert len(service.at(STATUS)) == 1


def test_bad_answer_in_the_middle_keeps_what_was_said(twilio: TwilioStandIn, service: Receiver) -> None:
    """What was said before the error was heard."""
    service.answer(VOICE, MENU)
    service.answer(GATHER, Answer(status=500))
    report = twilio.call(["1"])
    assert (report.said, report.error) == (["Key?"], 11200)
    assert [request["status"] for request in report.requests] == [200, 500]


@pytest.mark.parametrize(
    ("verbs", "warnings", "said"),
    [
        ("<say>x</say><Say>on</Say>", [12200], ["on"]),
        ("<Say/><Say>on</Say>", [13520], ["on"]),
        (f"<Say>{'x' * 4097}</Say><Say>on</Say>", [13521], ["on"]),
        ("<Gather><Hangup/><Say>in</Say></Gather><Say>on</Say>", [12200], ["in", "on"]),
    ],
)
def test_warnings_do_not_end_the_call(
    twilio: TwilioStandIn, service: Receiver, verbs: str, warnings: list[int], said: list[str]
) -> None:
    """What Twilio only warns about is left out, and the call continues."""
    service.answer(VOICE, f"<Response>{verbs}</Response>")
    report = twilio.call()
    assert (report.warnings, report.said, report.error) == (warnings, said, 0)


def test_plain_text_is_spoken_and_sound_is_played(twilio: TwilioStandIn, service: Receiver) -> None:
    """An answer need not be TwiML."""
    service.answer(VOICE, Answer(body="Hello", content_type="text/plain; charset=utf-8"))
    assert twilio.call().said == ["Hello"]
    service.answer(VOICE, Answer(body=b"\x00\x01", content_type="audio/mpeg"))
    assert twilio.call().played == [f"{PUBLIC_URL}/voice"]


def test_rejected_call(twilio: TwilioStandIn, service: Receiver) -> None:
    """A rejected call was never in progress."""
    service.answer(VOICE, '<Response><Reject reason="busy"/><Say>never</Say></Response>')
    report = twilio.call()
    assert (report.ended, report.status, report.said) == ("rejected", "busy", [])
    assert service.at(STATUS)[0].fields["CallStatus"] == "busy"


def test_record_asks_its_action(twilio: TwilioStandIn, service: Receiver) -> None:
    """A recording is told to its action, its status and its transcription; silence is told to nobody."""
    record = '<Response><Record action="/rec" recordingStatusCallback="/rs" transcribeCallback="/text"/></Response>'
    service.answer(VOICE, record)
    service.answer("/rec", SAY.format("thanks"))
    assert twilio.call([""]).said == []
    assert service.at("/rec") == []
    assert twilio.call(["my message"]).said == ["thanks"]
    fields = service.at("/rec")[0].fields
    assert fields["RecordingSid"].startswith("RE")
    assert service.at("/rs")[0].fields["RecordingSid"] == fields["RecordingSid"]
    assert service.at("/text")[0].fields["TranscriptionText"] == "my message"


@pytest.mark.parametrize(("status", "bridged"), [("completed", "true"), ("busy", "false"), ("no-answer", "false")])
def test_dial_tells_how_it_ended(twilio: TwilioStandIn, service: Receiver, status: str, bridged: str) -> None:
    """The action of a Dial tells what became of the other leg."""
    twilio.contact(TO, status=status)
    service.answer(VOICE, f'<Response><Dial action="/dialled"><Number>{TO}</Number></Dial></Response>')
    twilio.call()
    fields = service.at("/dialled")[0].fields
    assert (fields["DialCallStatus"], fields["DialBridged"]) == (status, bridged)


def test_caller_hangs_up_while_an_answer_is_awaited(twilio: TwilioStandIn, service: Receiver) -> None:
    """The end is reported immediately, while the webhook is still being answered; its answer is not carried out."""
    gate = threading.Event()
    service.answer(VOICE, Answer(body=SAY.format("too late"), when=gate))
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(twilio.call, hang_up_after=0.05)
        (asked,) = service.wait(STATUS)
        assert not call.done()
        gate.set()
        report = call.result()
    assert asked.fields["CallStatus"] == "no-answer"
    assert (report.ended, report.status, report.said) == ("hung up", "no-answer", [])
    assert len(service.at(STATUS)) == 1


def test_outgoing_call_tells_its_progress(client: Any, twilio: TwilioStandIn, service: Receiver) -> None:
    """All four events come signed and numbered, the last with the duration."""
    twilio.contact(TO, answered_by="human")
    callback = {"status_callback": f"{PUBLIC_URL}/status", "status_callback_event": EVENTS}
    client.calls.create(to=TO, from_=OURS, twiml=SAY.format("Alarm"), **callback)
    assert statuses(service, 4) == [("initiated", "0"), ("ringing", "1"), ("in-progress", "2"), ("completed", "3")]
    last = service.at(STATUS)[-1].fields
    assert (last["CallDuration"], last["SipResponseCode"], last["AnsweredBy"]) == ("0", "200", "human")
    assert last["CallbackSource"] == "call-progress-events"
    assert wait_until(lambda: twilio.calls()[0].get("walk"))["said"] == ["Alarm"]


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed"])
def test_nobody_answers(client: Any, twilio: TwilioStandIn, service: Receiver, status: str) -> None:
    """Only the end is told by default, and it is numbered from 0; nothing was carried out."""
    twilio.contact(TO, status=status)
    client.calls.create(to=TO, from_=OURS, twiml=SAY.format("x"), status_callback=f"{PUBLIC_URL}/status")
    assert statuses(service, 1) == [(status, "0")]
    assert wait_until(lambda: twilio.calls()[0].get("walk"))["said"] == []


def test_outgoing_call_fetches_its_url(client: Any, twilio: TwilioStandIn, service: Receiver) -> None:
    """With Url and Twiml the URL counts; it is asked when somebody has answered, who types as told."""
    twilio.contact(TO, script=["9"])
    service.answer(VOICE, MENU)
    service.answer(GATHER, SAY.format("nine"))
    client.calls.create(to=TO, from_=OURS, url=f"{PUBLIC_URL}/voice", twiml=SAY.format("ignored"))
    walk = wait_until(lambda: twilio.calls()[0].get("walk"))
    assert walk["said"] == ["Key?", "nine"]
    assert service.at(VOICE)[0].fields["CallStatus"] == "in-progress"
    assert service.at(GATHER)[0].fields["Direction"] == "outbound-api"


def test_relative_action_in_inline_twiml(client: Any, twilio: TwilioStandIn, service: Receiver) -> None:
    """TwiML that came with the call has no URL of its own: a relative action ends it with 11100."""
    twilio.contact(TO, script=["1"])
    client.calls.create(to=TO, from_=OURS, twiml=MENU)
    walk = wait_until(lambda: twilio.calls()[0].get("walk"))
    assert (walk["error"], walk["said"]) == (11100, ["Key?"])
    assert service.asked == []


def test_answering_machine(client: Any, twilio: TwilioStandIn, service: Receiver) -> None:
    """Detection tells its verdict to a callback of its own, with four fields."""
    twilio.contact(TO, answered_by="machine_start")
    amd = {"machine_detection": "Enable", "async_amd": "true", "async_amd_status_callback": f"{PUBLIC_URL}/amd"}
    call = client.calls.create(to=TO, from_=OURS, twiml="<Response/>", **amd)
    fields = service.wait("/amd")[0].fields
    assert (fields["CallSid"], fields["AnsweredBy"], len(fields)) == (call.sid, "machine_start", 4)


def test_live_call_is_given_something_else(client: Any, twilio: TwilioStandIn, service: Receiver) -> None:
    """A call that goes on can be redirected to TwiML and to an URL, and be ended."""
    twilio.configure(pace=1.0)
    waiting = "<Response><Say>{}</Say><Pause length='60'/><Say>never</Say></Response>"
    callback = {"status_callback": f"{PUBLIC_URL}/status", "status_callback_event": EVENTS}
    first = f"<Response><Say>one</Say><Redirect>{PUBLIC_URL}/said-one</Redirect></Response>"
    service.answer("/said-one", waiting.format("one and a half"))
    sid = client.calls.create(to=TO, from_=OURS, twiml=first, **callback).sid
    service.wait("/said-one")
    service.answer(VOICE, waiting.format("three"))
    client.calls(sid).update(twiml=waiting.format("two"))
    client.calls(sid).update(url=f"{PUBLIC_URL}/voice")
    service.wait(VOICE)
    client.calls(sid).update(status="completed")
    assert statuses(service, 4)[-1] == ("completed", "3")
    walk = wait_until(lambda: twilio.calls()[0].get("walk"))
    assert walk["ended"] == "hung up"
    assert walk["said"][0] == "one" and "never" not in walk["said"]
    with pytest.raises(TwilioRestException) as caught:
        client.calls(sid).update(twiml=SAY.format("x"))
    assert caught.value.code == 21220


def test_ringing_call_is_canceled(client: Any, twilio: TwilioStandIn, service: Receiver) -> None:
    """A ringing call can be canceled: nobody hears anything."""
    twilio.configure(ring=1.0)
    sid = client.calls.create(to=TO, from_=OURS, twiml=SAY.format("x"), status_callback=f"{PUBLIC_URL}/status").sid
    client.calls(sid).update(status="canceled")
    assert statuses(service, 1) == [("canceled", "0")]
    assert wait_until(lambda: twilio.calls()[0].get("walk"))["said"] == []
