"""From a rule to a misbehaving Twilio, over a real broker."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Self

import pytest

from lab.standins.stack import Stack
from tests.camera import camera
from tests.waiting import wait_until
from twilio_binding.actions import Phone, connect, phone
from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.mqtt.messages import Message
from twilio_binding.sandbox.demo_rule import PHONE
from twilio_binding.sandbox.service_process import ServiceProcess

TO = "+15557654321"


def sent(home: Stack, body: str) -> list[dict[str, Any]]:
    """Twilio's record of an outgoing message."""
    found = (message for message in home.twilio.messages() if message["direction"] == "outbound-api")
    return [message for message in found if message["body"] == body]


class Wire:
    """A bare MQTT client that publishes anything and keeps all messages."""

    def __init__(self, url: str, name: str) -> None:
        self.heard: list[Message] = []
        self._ready = threading.Event()
        self.reply_to = f"twilio/reply/{name}/1"
        self.connection = BrokerConnection(url, client_id=f"wire-{name}")
        self.connection.connected.subscribe(self._subscribe)
        self.connection.received.subscribe(self.heard.append)

    def _subscribe(self) -> None:
        self.connection.subscribe(self.reply_to.rpartition("/")[0] + "/+")

    def __enter__(self) -> Self:
        self.connection.start()
        assert self.connection.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.stop()

    def ask(self, action: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish a request."""
        self.connection.publish(f"twilio/action/{PHONE}/{action}", payload, retain=retain)

    def replies(self, count: int = 1) -> list[dict[str, Any]]:
        """Wait for so many replies."""
        wait_until(lambda: len(self.heard) >= count, 20, f"{count} replies")
        return [json.loads(message.payload) for message in self.heard]


def test_message_with_text_and_picture(home: Stack, own_phone: Phone) -> None:
    """A message is sent once, with its picture, and the result contains SID, status and segments."""
    result = own_phone.sendSMS(TO, "hello out there", "https://example.org/a.jpg")
    assert result
    (message,) = sent(home, "hello out there")
    assert (result.sid, result.status, result.details["segments"]) == (message["sid"], "queued", 1)
    assert message["media"] == ["https://example.org/a.jpg"]
    assert message["from"] == "+15551234567"


def test_whatsapp_prefixes(home: Stack, own_phone: Phone) -> None:
    """WhatsApp adds its prefix to sender and recipient."""
    assert own_phone.sendWhatsApp(TO, "hello whatsapp")
    (message,) = sent(home, "hello whatsapp")
    assert (message["from"], message["to"]) == ("whatsapp:+15551234567", f"whatsapp:{TO}")


def test_formatted_recipients(home: Stack, own_phone: Phone) -> None:
    """A number in any form is accepted, also if only a numbering plan doubts it."""
    marked = "\N{LEFT-TO-RIGHT EMBEDDING}+1\N{NO-BREAK SPACE}555\N{NO-BREAK SPACE}765\N{NO-BREAK SPACE}4321"
    for to in (marked, ["tel:+1-555-765-4321", "+1 (555) 765-4322"]):
        assert own_phone.sendSMS(to, "formatted")
    assert own_phone.sendWhatsApp("+52 1 55 1234 5678", "formatted")
    assert own_phone.sendSMS("+47 5912 3456 7890", "formatted")
    tos = ["+15557654321", "+15557654321", "+15557654322", "whatsapp:+5215512345678", "+47591234567890"]
    assert sorted(message["to"] for message in sent(home, "formatted")) == sorted(tos)


def test_call_with_escaped_speech(home: Stack, own_phone: Phone) -> None:
    """A spoken text is escaped, and the call asks for all four status callbacks."""
    result = own_phone.makeTTSCall(TO, 'Doors <1> & "2" open')
    assert result
    call = wait_until(lambda: next((c for c in home.twilio.calls() if c["sid"] == result.sid and c.get("walk")), None))
    assert call["walk"]["said"] == ['Doors <1> & "2" open']
    statuses = wait_until(
        lambda: [
            w["form"]["CallStatus"]
            for w in home.twilio.webhooks.sent()
            if w["form"].get("CallSid") == result.sid and w["endpoint"] == "status"
        ][3:]
    )
    assert statuses == ["completed"]


def test_spoken_placeholder(home: Stack, own_phone: Phone) -> None:
    """A placeholder in a spoken text is spoken: no call says our URL."""
    result = own_phone.makeTTSCall(TO, "they wrote {gatherUrl:x}")
    assert result
    call = wait_until(lambda: next((c for c in home.twilio.calls() if c["sid"] == result.sid and c.get("walk")), None))
    assert call["walk"]["said"] == ["they wrote {gatherUrl:x}"]


@pytest.mark.parametrize(
    ("action", "args", "code"),
    [
        ("sendSMS", {"to": TO}, "empty_message"),
        ("sendSMS", {"message": "x"}, "missing_argument"),
        ("sendSMS", {"to": "0123", "message": "x" * 1601}, "too_long"),
        ("sendSMS", {"to": "+12", "message": "x"}, "bad_number"),
        ("sendSMS", {"to": "+15005550004", "message": "x"}, "twilio.21610"),
        ("sendSMS", {"to": TO, "message": "x", "mediaUrl": "ftp://x/y"}, "bad_media_url"),
        ("makeCall", {"to": TO, "twiml": "<Response>"}, "bad_twiml"),
        ("makeCall", {"to": TO, "twiml": f"<Response><Say>{'x' * 4000}</Say></Response>"}, "bad_twiml"),
        ("makeCall", {"to": TO, "twiml": "<Response>" + 100 * "<Pause/>{gatherUrl}" + "</Response>"}, "bad_twiml"),
        ("respondWithTwiml", {"callSid": "CA1", "twiml": "<Response/>"}, "unknown_call"),
        ("respondWithTwiml", {"callSid": "CA1", "twiml": "<Say/>"}, "bad_twiml"),
        ("launchRocket", {}, "unknown_action"),
        ("sendSMS", {"to": TO, "text": "x"}, "bad_argument"),
    ],
)
def test_refusals_name_the_reason(own_phone: Phone, action: str, args: dict[str, object], code: str) -> None:
    """Invalid requests are refused with a code and a text, and nothing is sent."""
    result = own_phone.client.call(PHONE, action, args)
    assert not result
    assert result.code == code
    assert result.message


def test_unknown_thing(own_phone: Phone) -> None:
    """An unknown thing is refused by name."""
    result = own_phone.client.call("twilio:phone:no:where", "sendSMS", {"to": TO, "message": "x"})
    assert result.code == "unknown_thing"


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"not json", None),
        (b'{"id":"1","replyTo":"twilio/reply/bad/1"}', "malformed"),
        (b'{"id":"2","replyTo":"twilio/reply/bad/1","args":[]}', "malformed"),
        (b'{"id":"3","replyTo":"twilio/reply/bad/1","args":{},"deadline":"x"}', "malformed"),
        (b'{"id":"4","replyTo":"twilio/reply/bad/1","args":{},"deadline":1000}', "empty_message"),
        (b'{"id":"5","replyTo":"elsewhere/1","args":{}}', None),
        (b'{"id":"6","replyTo":"twilio/reply/bad/1","args":{"message":"' + b"x" * 70_000 + b'"}}', "too_large"),
    ],
)
def test_malformed_requests_are_answered_where_they_can_be(home: Stack, payload: bytes, code: str | None) -> None:
    """An invalid request gets an error on its reply topic if it has one, and the next request works."""
    with Wire(home.broker.url, "bad") as wire:
        wire.ask("sendSMS", payload)
        good = {"id": f"good-{time.time_ns()}", "replyTo": "twilio/reply/bad/2", "args": {"to": "x", "message": "x"}}
        wire.ask("sendSMS", json.dumps(good).encode())
        replies = wire.replies(2 if code and code != "too_large" else 1)
    # Requests are handled in parallel, so answers arrive in any order.
    codes = {reply["id"]: reply["error"]["code"] for reply in replies}
    assert codes.pop(str(good["id"])) == "bad_number"
    assert list(codes.values()) == ([code] if code and code != "too_large" else [])


def test_short_form_sends(home: Stack) -> None:
    """One line in any rule language is enough to send."""
    with Wire(home.broker.url, "short") as wire:
        wire.ask("sendSMS", json.dumps({"to": TO, "message": "short form"}).encode())
        wait_until(lambda: sent(home, "short form"))


def test_retained_request_is_not_carried_out(home: Stack) -> None:
    """A retained request is refused, because it would be repeated at every start."""
    with Wire(home.broker.url, "retained") as wire:
        home.service.stop()
        body = {"id": "r1", "replyTo": wire.reply_to, "args": {"to": TO, "message": "retained"}}
        topic = f"twilio/action/{PHONE}/sendSMS"
        wire.connection.publish(topic, json.dumps(body).encode(), retain=True).wait_for_publish(10)
        home.service.start()
        home.service.wait_ready()
        codes = {reply.get("error", {}).get("code") for reply in wire.replies(1)}
        wire.connection.publish(topic, b"", retain=True).wait_for_publish(10)
    assert "retained" in codes
    assert len(sent(home, "retained")) <= 1


def test_same_id_twice_sends_once_and_answers_twice(home: Stack) -> None:
    """A request that is delivered twice is carried out once; both copies get the same answer."""
    with Wire(home.broker.url, "twice") as wire:
        body = {"id": "twice-1", "replyTo": wire.reply_to, "args": {"to": TO, "message": "sent once"}}
        for _ in range(2):
            wire.ask("sendSMS", json.dumps(body).encode())
        first, second = wire.replies(2)
        body["args"] = {"to": TO, "message": "something else"}
        wire.ask("sendSMS", json.dumps(body).encode())
        third = wire.replies(3)[-1]
    assert first == second
    assert first["ok"]
    assert len(sent(home, "sent once")) == 1
    assert third["error"]["code"] == "id_reused"


def test_id_of_another_clients_picture(home: Stack) -> None:
    """Over the broker, an id gives nobody another client's picture, and no send can use it."""
    with camera() as cam, Wire(home.broker.url, "owner") as owner, Wire(home.broker.url, "stranger") as stranger:
        body: dict[str, object] = {"id": "picture-1", "args": {"sourceUrl": f"{cam.url}/x"}}
        for wire in (owner, stranger):
            wire.ask("createProxyMediaUrl", json.dumps(body | {"replyTo": wire.reply_to}).encode())
            assert wire.replies(1)
        send = body | {"replyTo": owner.reply_to, "args": {"to": TO, "message": "with the id of a picture"}}
        owner.ask("sendSMS", json.dumps(send).encode())
        first, second = owner.replies(2)
        (theirs,) = stranger.replies(1)
    assert first["ok"]
    assert (second["error"]["code"], theirs["error"]["code"]) == ("id_reused", "id_reused")
    assert sent(home, "with the id of a picture") == []


@pytest.mark.parametrize("fault", [{"kind": "cut"}, {"kind": "status", "status": 500, "body": "<html>"}])
def test_unknown_outcome_is_looked_up(home: Stack, own_phone: Phone, fault: dict[str, Any]) -> None:
    """If Twilio accepted the message but its answer is lost, the message is found, reported as sent, and sent only once."""
    body = f"unknown {fault['kind']}"
    home.twilio.faults.set(**fault, path="/2010-04-01/.*/Messages", method="POST", count=1, effect=True)
    result = own_phone.sendSMS(TO, body)
    assert result, result
    assert [message["sid"] for message in sent(home, body)] == [result.sid]


def test_too_many_requests_is_tried_again(home: Stack, own_phone: Phone) -> None:
    """429 means that Twilio did nothing: the send is retried until it is accepted."""
    answer = '{"code":20429,"message":"Too Many Requests","status":429}'
    home.twilio.faults.set("status", path="/2010-04-01/.*/Messages", method="POST", count=2, status=429, body=answer)
    assert own_phone.sendSMS(TO, "patience")
    assert len(sent(home, "patience")) == 1


def test_statuses_carry_the_request_id(home: Stack, own_phone: Phone) -> None:
    """message-status contains the id of the request that sent the message."""
    result = own_phone.client.call(PHONE, "sendSMS", {"to": TO, "message": "who asked"}, request_id="my request/1 ä")
    assert result
    events = wait_until(
        lambda: [
            payload
            for trigger in home.openhab.triggers(channel=f"{PHONE}:message-status")
            if (payload := json.loads(str(trigger["payload"])))["messageSid"] == result.sid
        ][1:]
    )
    assert {event["requestId"] for event in events} == {"my request/1 ä"}
    assert events[-1]["messageStatus"] == "delivered"


def test_failed_message_tells_twilios_code(home: Stack, own_phone: Phone) -> None:
    """An undelivered message has Twilio's code."""
    home.twilio.failing("+15557770000", "undelivered", 30003)
    result = own_phone.sendSMS("+15557770000", "nobody there")
    event = wait_until(
        lambda: next(
            (
                payload
                for trigger in home.openhab.triggers(channel=f"{PHONE}:message-status")
                if (payload := json.loads(str(trigger["payload"])))["messageSid"] == result.sid
                and payload["messageStatus"] == "undelivered"
            ),
            None,
        )
    )
    assert event["errorCode"] == "30003"


def test_several_recipients(home: Stack, own_phone: Phone) -> None:
    """A list of recipients sends to each, with the outcome for each."""
    result = own_phone.sendSMS([TO, "+15005550009", "+15557654322"], "to all")
    assert not result
    assert result.code == "partly_failed"
    results = result.details["results"]
    assert isinstance(results, list)
    assert ["sid" in entry for entry in results] == [True, False, True]
    assert results[1]["error"]["code"] == "twilio.21614"
    assert len(sent(home, "to all")) == 2


def test_result_of_each_recipient(home: Stack, own_phone: Phone) -> None:
    """`result.results` has a result for each recipient, true or false by itself, with the recipient."""
    result = own_phone.sendSMS([TO, "+15005550009"], "each for itself")
    good, bad = result.results
    assert (bool(good), good.to, good.status) == (True, TO, "queued")
    assert [message["sid"] for message in sent(home, "each for itself")] == [good.sid]
    assert (bool(bad), bad.to, bad.code, bad.retry_at) == (False, "+15005550009", "twilio.21614", None)
    assert bad.message


def test_result_of_one_recipient_has_no_list(own_phone: Phone) -> None:
    """For a single recipient, the result itself is the result, whether it was sent or not."""
    assert own_phone.sendSMS(TO, "only one").results == ()
    assert own_phone.sendSMS("+15005550009", "only one").results == ()


@pytest.mark.parametrize("zone", [UTC, None])
def test_not_after_in_the_past(home: Stack, own_phone: Phone, zone: timezone | None) -> None:
    """An expired send is refused without asking Twilio; times may have a zone or none."""
    late = datetime.now(zone) - timedelta(seconds=1)
    results = [
        own_phone.sendSMS(TO, "too late", notAfter=late),
        own_phone.sendWhatsApp(TO, "too late", notAfter=late),
        own_phone.makeCall("+15557650000", "<Response/>", notAfter=late),
        own_phone.makeTTSCall("+15557650000", "too late", notAfter=late),
    ]
    assert [result.code for result in results] == ["expired"] * 4
    assert not sent(home, "too late")
    assert not [call for call in home.twilio.calls() if call["to"] == "+15557650000"]


def test_not_after_in_the_future(home: Stack, own_phone: Phone) -> None:
    """A send before its expiry is sent."""
    assert own_phone.sendSMS(TO, "in time", notAfter=datetime.now(UTC) + timedelta(minutes=1))
    assert len(sent(home, "in time")) == 1


@pytest.fixture
def limited(home: Stack, tmp_path: Path) -> Iterator[Phone]:
    """The phone's actions at a second service with its own base topic and limits."""
    settings = {
        "THINGS": json.dumps([str(home.things)]),
        "OPENHAB__URL": home.openhab.url,
        "MQTT__URL": home.broker.url,
        "MQTT__BASE_TOPIC": "limited",
        "TWILIO__API_URL": home.twilio.url,
        "LIMITS__MESSAGES_PER_HOUR": "1",
        "LIMITS__CALLS_PER_DAY": "1",
        "LIMITS__EMERGENCIES_PER_DAY": "3",
    }
    with ServiceProcess(tmp_path, settings) as service, connect(home.broker.url, base="limited", timeout=15) as client:
        service.wait_ready("mqtt")
        yield phone(PHONE, client)


def test_ceilings_and_emergencies(home: Stack, limited: Phone) -> None:
    """Above a limit, a send is refused until a time in the result; emergencies have their own limit."""
    assert limited.sendSMS(TO, "below the ceiling")
    refused = limited.sendSMS(TO, "above the ceiling")
    assert (bool(refused), refused.code, refused.retryable) == (False, "ceiling", True)
    assert refused.retry_at is not None
    assert timedelta(minutes=58) < refused.retry_at - datetime.now(UTC) <= timedelta(hours=1)
    (entry,) = limited.sendSMS([TO], "above the ceiling").results
    assert (entry.code, entry.retry_at) == ("ceiling", refused.retry_at)
    assert limited.makeTTSCall(TO, "first")
    assert limited.makeCall(TO, "<Response/>").code == "ceiling"
    assert limited.sendSMS(TO, "above the ceiling", emergency=True)
    assert limited.makeTTSCall(TO, "emergency", emergency=True)
    assert limited.sendWhatsApp(TO, "emergency", emergency=True)
    assert limited.makeCall(TO, "<Response/>", emergency=True).code == "ceiling"
    assert len(sent(home, "above the ceiling")) == 1


def test_things_are_published(home: Stack) -> None:
    """`twilio/things` contains status, webhook URLs and channels, and no secret."""
    heard: list[Message] = []
    connection = BrokerConnection(home.broker.url, client_id="things")
    connection.connected.subscribe(lambda: connection.subscribe("twilio/things"))
    connection.received.subscribe(heard.append)
    connection.start()
    try:
        things = wait_until(
            lambda: next((json.loads(m.payload) for m in reversed(heard) if b'"ONLINE"' in m.payload), None)
        )
    finally:
        connection.stop()
    account, own = things
    assert (account["uid"], account["status"]) == ("twilio:account:myaccount", "ONLINE")
    assert own["properties"]["smsWebhookUrl"] == f"https://my.domain.com/twilio/callback/{PHONE}/sms"
    assert len(own["channels"]) == 15
    assert b"your_auth_token" not in heard[-1].payload
