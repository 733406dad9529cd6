"""The Twilio stand-in's webhooks: signatures, forms, tokens, copies, status callbacks, and what answers bring about.

Leans on: the signing rules, the recorded forms (tests/data/webhooks.jsonl), 15 s for an answer, one more attempt only
when no connection comes about, callbacks in any number and order.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from werkzeug.datastructures import MultiDict

from lab.standins.client import TwilioStandIn
from tests.standins import PUBLIC_URL, TOKEN, Answer, Asked, Receiver, receiver, twilio_standin
from tests.waiting import wait_until

OURS = "+15551234567"
TO = "+15557654321"
SMS, VOICE, STATUS, WHATSAPP = (f"/{name}" for name in ("sms", "voice", "status", "whatsapp"))
_RECORDED = {
    row["id"]: row
    for row in map(json.loads, Path("tests/data/webhooks.jsonl").read_text(encoding="utf-8").splitlines())
}


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


def is_signed(asked: Asked, url: str = "", token: str = TOKEN) -> bool:
    """Whether the SDK takes the signature, over the public URL and not that of the connection."""
    form: MultiDict[str, str] = MultiDict({} if asked.method == "GET" else asked.form)
    valid: bool = RequestValidator(token).validate(
        url or PUBLIC_URL + asked.target, form, asked.headers.get("x-twilio-signature", "")
    )
    return valid


def test_text_comes_in(twilio: TwilioStandIn, service: Receiver) -> None:
    """A text is a signed form with Twilio's headers, and its answer is kept."""
    service.answer(SMS, "<Response></Response>")
    exchange = twilio.receive_sms("Grüße ❤ & more ", sender=TO)
    (asked,) = service.at(SMS)
    assert is_signed(asked)
    assert asked.fields["Body"] == "Grüße ❤ & more "
    assert asked.headers["user-agent"] == "TwilioProxy/1.1"
    assert asked.headers["x-home-region"] == "us1"
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded; charset=UTF-8"
    assert asked.headers["i-twilio-idempotency-token"] == exchange["token"]
    assert (exchange["status"], exchange["answer"], exchange["error"]) == (200, "<Response></Response>", "")
    assert exchange["problem"] == 0
    assert exchange["ms"] > 0
    assert twilio.webhooks.sent()[-1]["form"] == exchange["form"]


def test_get_carries_everything_in_the_query(twilio: TwilioStandIn, service: Receiver) -> None:
    """A number set to GET signs the URL with the whole query, and nothing else."""
    exchange = twilio.webhooks.post(
        f"{PUBLIC_URL}/sms?menu=fire", {"Body": "it's 100 %", "From": "whatsapp:+1"}, method="GET"
    )
    (asked,) = service.at(SMS)
    assert (asked.method, exchange["status"]) == ("GET", 200)
    assert parse_qs(urlsplit(asked.target).query) == {
        "menu": ["fire"],
        "Body": ["it's 100 %"],
        "From": ["whatsapp:+1"],
    }
    assert is_signed(asked)


def test_number_set_to_get(client: Any, twilio: TwilioStandIn, service: Receiver) -> None:
    """The methods of a number are those of its webhooks."""
    (number,) = client.incoming_phone_numbers.list()
    number.update(sms_method="GET", voice_method="GET", status_callback_method="GET")
    twilio.receive_sms("x")
    twilio.call()
    assert [(asked.method, is_signed(asked)) for asked in service.asked] == [("GET", True)] * 3


@pytest.mark.parametrize(
    ("url", "form", "signed"),
    [
        (f"{PUBLIC_URL}:8443/voice", {"CallSid": "CA1"}, f"{PUBLIC_URL}/voice"),
        (f"{PUBLIC_URL}:8443/sms", {"MessageSid": "SM1"}, f"{PUBLIC_URL}:8443/sms"),
        ("https://user:pass@my.domain.com/sms", {"MessageSid": "SM1"}, f"{PUBLIC_URL}/sms"),
        (f"{PUBLIC_URL}/sms#rc=2&rt=900", {"MessageSid": "SM1"}, f"{PUBLIC_URL}/sms"),
        (f"{PUBLIC_URL}/sms?a=1", {"Twice": ["b", "a", "b"], "Empty": "", "Blank": " "}, f"{PUBLIC_URL}/sms?a=1"),
    ],
)
def test_what_is_signed(
    twilio: TwilioStandIn, service: Receiver, url: str, form: dict[str, str | list[str]], signed: str
) -> None:
    """Calls over HTTPS are signed without port; credentials and fragment never are; all values count."""
    twilio.webhooks.post(url, form)
    (asked,) = service.asked
    assert "#" not in asked.target
    assert is_signed(asked, signed)


def test_forged_and_unsigned(twilio: TwilioStandIn, service: Receiver) -> None:
    """A forgery carries a signature that does not fit; a webhook can also have none at all."""
    service.answer(SMS, Answer(status=403, body="Invalid signature", content_type="text/plain"))
    assert twilio.webhooks.forge("sms", {"Body": "open the door"})["status"] == 403
    twilio.webhooks.post(f"{PUBLIC_URL}/sms", {"Body": "x"}, auth_token="")
    forged, unsigned = service.at(SMS)
    assert "x-twilio-signature" in forged.headers
    assert not is_signed(forged)
    assert "x-twilio-signature" not in unsigned.headers


def test_rotated_token_signs(twilio: TwilioStandIn, service: Receiver) -> None:
    """After a promotion the new token signs."""
    twilio.configure(auth_token="promoted")
    try:
        twilio.receive_sms("x")
    finally:
        twilio.configure(auth_token=TOKEN)
    (asked,) = service.asked
    assert is_signed(asked, token="promoted")
    assert not is_signed(asked)


def test_whatsapp_comes_in(twilio: TwilioStandIn, service: Receiver) -> None:
    """WhatsApp goes to a callback of its own, with its own fields and no places."""
    twilio.receive_whatsapp("Hi", sender=TO)
    (asked,) = service.at(WHATSAPP)
    assert is_signed(asked)
    assert asked.fields["From"] == f"whatsapp:{TO}"
    assert asked.fields["WaId"] == TO.lstrip("+")
    assert "FromCity" not in asked.fields


def _sms(twilio: TwilioStandIn, _: Any) -> Any:
    return twilio.receive_sms("x")["form"]


def _mms(twilio: TwilioStandIn, _: Any) -> Any:
    return twilio.receive_sms("", media=[("https://a.example/1", "image/jpeg")])["form"]


def _whatsapp(twilio: TwilioStandIn, _: Any) -> Any:
    return twilio.receive_whatsapp("x")["form"]


def _voice(twilio: TwilioStandIn, _: Any) -> Any:
    twilio.call()
    return twilio.webhooks.sent()[0]["form"]


def _call_over(twilio: TwilioStandIn, _: Any) -> Any:
    twilio.call()
    return twilio.webhooks.sent()[-1]["form"]


def _message_status(twilio: TwilioStandIn, client: Any, status: str, to: str = TO) -> Any:
    sender = f"whatsapp:{OURS}" if to.startswith("whatsapp:") else OURS
    client.messages.create(to=to, from_=sender, body="x", status_callback=f"{PUBLIC_URL}/status")
    return wait_until(lambda: [w["form"] for w in twilio.webhooks.sent() if w["form"]["MessageStatus"] == status])[0]


def _outgoing(twilio: TwilioStandIn, client: Any, n: int) -> Any:
    events = ["initiated", "ringing", "answered", "completed"]
    callback = {"status_callback": f"{PUBLIC_URL}/status", "status_callback_event": events}
    client.calls.create(to=TO, from_=OURS, url=f"{PUBLIC_URL}/voice", **callback)
    return wait_until(lambda: twilio.webhooks.sent()[n : n + 1])[0]["form"]


@pytest.mark.parametrize(
    ("recorded", "produce"),
    [
        ("sms-us-apostrophe", _sms),
        ("mms-us-jpeg-empty-body", _mms),
        ("wa-text-za", _whatsapp),
        ("voice-pk-stir-a-calltoken", _voice),
        ("cs-inbound-completed", _call_over),
        ("ms-sms-sent", lambda t, c: _message_status(t, c, "sent")),
        ("ms-sms-delivered-rawdlrdonedate", lambda t, c: _message_status(t, c, "delivered")),
        ("ms-sms-undelivered-30034", lambda t, c: _message_status(t, c, "undelivered", "+15005530034")),
        ("ms-wa-sent-structuredmessage", lambda t, c: _message_status(t, c, "sent", f"whatsapp:{TO}")),
        ("ms-wa-delivered-eventtype", lambda t, c: _message_status(t, c, "delivered", f"whatsapp:{TO}")),
        ("cs-in-initiated-2026", lambda t, c: _outgoing(t, c, 0)),
        ("cs-au-ringing", lambda t, c: _outgoing(t, c, 1)),
        ("voice-outbound-api-us", lambda t, c: _outgoing(t, c, 3)),
        ("cs-jp-completed-sorted", lambda t, c: _outgoing(t, c, 4)),
    ],
)
def test_forms_have_the_recorded_fields(client: Any, twilio: TwilioStandIn, recorded: str, produce: Any) -> None:
    """Every field of a recorded webhook is there, and none that was never recorded for its kind."""
    form = produce(twilio, client)
    row = _RECORDED[recorded]
    # CallerName depends on a setting of the number; recorded undelivered texts lack the carrier's date.
    assert {name for name, _ in row["form"]} - set(form) <= {"CallerName"}
    of_kind = {name for other in _RECORDED.values() if other["kind"] == row["kind"] for name, _ in other["form"]}
    assert set(form) - of_kind == set()


def test_gather_has_the_recorded_fields(twilio: TwilioStandIn, service: Receiver) -> None:
    """Keys come with the fields that were recorded."""
    service.answer(VOICE, '<Response><Gather action="/gather"/></Response>')
    twilio.call(["1"])
    (asked,) = service.at("/gather")
    assert {name for name, _ in _RECORDED["gather-us-outbound"]["form"]} == set(asked.fields)


def test_token_can_be_missing(twilio: TwilioStandIn, service: Receiver) -> None:
    """Tokens can be switched off, left out of one webhook, or be chosen."""
    twilio.receive_sms("no token", token="")
    twilio.receive_sms("chosen", token="my-token")
    twilio.configure(use_tokens=False)
    twilio.receive_sms("off")
    assert [asked.headers.get("i-twilio-idempotency-token") for asked in service.at(SMS)] == [None, "my-token", None]


def test_redelivery_is_the_same_webhook(twilio: TwilioStandIn, service: Receiver) -> None:
    """A redelivery has the same form, token and signature; an earlier webhook can come after a later one."""
    first, second = (twilio.receive_sms(text)["n"] for text in ("first", "second"))
    twilio.webhooks.redeliver_out_of_order(first, second)
    asked = service.at(SMS)
    assert [each.fields["Body"] for each in asked] == ["first", "second", "second", "first"]
    assert asked[0].form == asked[3].form
    for name in ("i-twilio-idempotency-token", "x-twilio-signature"):
        assert asked[0].headers[name] == asked[3].headers[name]


def test_copies_arrive_at_the_same_moment(twilio: TwilioStandIn, service: Receiver) -> None:
    """All copies are on their way before the first is answered."""
    gate = threading.Event()
    service.answer(SMS, Answer(when=gate))
    with ThreadPoolExecutor(1) as pool:
        received = pool.submit(twilio.receive_sms, "x", copies=5)
        copies = service.wait(SMS, 5)
        gate.set()
        assert received.result()["status"] == 200
    assert len({asked.headers["i-twilio-idempotency-token"] for asked in copies}) == 1
    assert len(twilio.webhooks.redeliver_at_once(1, 3)) == 3


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Answer(status=500, body="<html>"), 11200),
        (Answer(status=302, body=""), 11200),
        (Answer(status=0), 11205),
        (Answer(body="<Response>"), 12100),
        (Answer(body=' <?xml version="1.0"?><Response/>'), 12100),
        (Answer(body='<!DOCTYPE x [<!ENTITY y "z">]><Response>&y;</Response>'), 12100),
        (Answer(body="<Reply/>"), 12100),
        (Answer(body="OK", content_type="text/html"), 12100),
        (Answer(body="<Response/>", content_type=None), 12300),
        (Answer(body="<Response/>", content_type="application/json"), 12300),
        (Answer(body=f"<Response>{' ' * 65536}</Response>"), 11750),
        (Answer(body="<Response><Say>x</Say></Response>"), 14110),
        (Answer(body="<Response><Message/></Response>"), 14103),
        (Answer(body=f"<Response><Message>{'x' * 1601}</Message></Response>"), 14103),
        (Answer(body=f"<Response>{'<Message>x</Message>' * 11}</Response>"), 14109),
    ],
)
def test_answers_that_twilio_complains_of(
    twilio: TwilioStandIn, service: Receiver, answer: Answer, problem: int
) -> None:
    """A bad answer to a message is told by Twilio's code, is not asked for again, and sends nothing."""
    service.answer(SMS, answer)
    exchange = twilio.receive_sms("x")
    assert (exchange["problem"], exchange["replies"]) == (problem, [])
    assert len(service.at(SMS)) == 1


@pytest.mark.parametrize(
    ("answer", "bodies"),
    [
        (Answer(), []),
        (Answer(body="", status=204, content_type=None), []),
        (Answer(body="<Response><Message>Hi</Message><Message>you</Message></Response>"), ["Hi", "you"]),
        (Answer(body="<Response><Message><Body>Hi</Body><Media>https://a/b</Media></Message></Response>"), ["Hi"]),
        (Answer(body="plain words", content_type="text/plain"), ["plain words"]),
    ],
)
def test_answers_send_replies(twilio: TwilioStandIn, service: Receiver, answer: Answer, bodies: list[str]) -> None:
    """Messages of an answer are sent back to whoever wrote, plain text as well."""
    service.answer(SMS, answer)
    replies = twilio.receive_sms("x", sender=TO)["replies"]
    sent = [message for message in twilio.messages() if message["direction"] == "outbound-reply"]
    assert [message["sid"] for message in sent] == replies
    assert [(message["body"], message["to"]) for message in sent] == [(body, TO) for body in bodies]


def test_no_connection_is_tried_once_more(twilio: TwilioStandIn) -> None:
    """Nobody listening is an error and no status, soon; the webhook counts once."""
    twilio.configure(deliver_to="http://127.0.0.1:9")
    exchange = twilio.receive_sms("x")
    assert (exchange["status"], exchange["error"]) == (0, "ConnectionError")
    assert exchange["ms"] < 5000
    assert len(twilio.webhooks.sent()) == 1


def test_number_without_webhook(client: Any, twilio: TwilioStandIn, service: Receiver) -> None:
    """With an application in charge the URLs of a number are dead letters."""
    (number,) = client.incoming_phone_numbers.list()
    number.update(sms_application_sid="AP" + "1" * 32, trunk_sid="TK" + "1" * 32, status_callback="")
    with pytest.raises(requests.HTTPError, match="no webhook"):
        twilio.receive_sms("x")
    assert twilio.call().reason == "the number has no voice URL"
    assert service.asked == []


def _statuses(service: Receiver, count: int) -> list[str]:
    asked = service.wait(STATUS, count)
    assert all(is_signed(each) for each in asked)
    return [each.fields.get("MessageStatus") or each.fields["CallStatus"] for each in asked]


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        (TO, {"sent": None, "delivered": None}),
        ("+15005530003", {"sent": None, "undelivered": "30003"}),
        ("+15005563016", {"failed": "63016"}),
        ("+15557770000", {"failed": "30007"}),
    ],
)
def test_message_statuses(
    client: Any, twilio: TwilioStandIn, service: Receiver, to: str, expected: dict[str, str | None]
) -> None:
    """Statuses come one after the other, without one for `queued`; the error code comes with the last."""
    twilio.failing("+15557770000", "failed", 30007)
    client.messages.create(to=to, from_=OURS, body="x", status_callback=f"{PUBLIC_URL}/status")
    assert _statuses(service, len(expected)) == list(expected)
    assert [asked.fields.get("ErrorCode") for asked in service.at(STATUS)] == list(expected.values())


@pytest.mark.parametrize(
    ("conduct", "expected"),
    [
        ({"callbacks": 2}, ["sent", "sent", "delivered", "delivered"]),
        ({"shuffle": True}, ["delivered", "sent"]),
    ],
)
def test_statuses_in_any_number_and_order(
    client: Any, twilio: TwilioStandIn, service: Receiver, conduct: dict[str, object], expected: list[str]
) -> None:
    """Statuses can come twice, with the same token, or in reverse order."""
    twilio.configure(**conduct)
    client.messages.create(to=TO, from_=OURS, body="x", status_callback=f"{PUBLIC_URL}/status")
    assert _statuses(service, len(expected)) == expected
    assert len({asked.headers["i-twilio-idempotency-token"] for asked in service.at(STATUS)}) == 2


def test_no_statuses(client: Any, twilio: TwilioStandIn, service: Receiver) -> None:
    """Statuses can fail to come; the message is delivered all the same."""
    twilio.configure(callbacks=0)
    sid = client.messages.create(to=TO, from_=OURS, body="x", status_callback=f"{PUBLIC_URL}/status").sid
    wait_until(lambda: client.messages(sid).fetch().status == "delivered")
    assert service.asked == []


def test_reset_ends_what_goes_on(client: Any, twilio: TwilioStandIn, service: Receiver) -> None:
    """After a reset nothing of what went on before comes any more."""
    twilio.configure(pause=30.0, ring=30.0)
    client.messages.create(to=TO, from_=OURS, body="x", status_callback=f"{PUBLIC_URL}/status")
    client.calls.create(to=TO, from_=OURS, twiml="<Response/>", status_callback=f"{PUBLIC_URL}/status")
    twilio.reset()
    assert (twilio.messages(), twilio.calls(), twilio.webhooks.sent()) == ([], [], [])
    twilio.receive_sms("and on")
    assert [asked.fields["Body"] for asked in service.asked] == ["and on"]
