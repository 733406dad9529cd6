"""The Twilio stand-in's REST API, asked by Twilio's own SDK.

Leans on: codes and magic numbers of the test credentials, error bodies, pages, and the SDK's behaviour (9.13.0).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from lab.standins.client import TwilioStandIn
from tests.standins import twilio_standin
from tests.waiting import wait_until
from twilio_binding.sandbox.twilio import TwilioControl

OURS = "+15551234567"
TO = "+15557654321"
KEY, SECRET = "SK" + "1" * 32, "the key's secret"


@pytest.fixture(scope="module")
def server() -> Iterator[TwilioStandIn]:
    """A stand-in that also knows an API key. Its webhooks go nowhere."""
    with twilio_standin(api_key_sid=KEY, api_key_secret=SECRET, deliver_to="http://127.0.0.1:9", pause=0.001) as up:
        yield up


@pytest.fixture
def twilio(server: TwilioStandIn) -> TwilioStandIn:
    """The stand-in as good as new."""
    server.reset()
    server.configure(account_status="active")
    return server


@pytest.fixture
def clients(twilio: TwilioStandIn) -> Iterator[Any]:
    """Makes SDK clients that ask the stand-in."""
    made: list[Any] = []

    def make(user: str = "", password: str = "") -> Any:
        options = twilio.options
        client = Client(user or options.account_sid, password or options.auth_token, options.account_sid)
        client.api.base_url = twilio.url
        made.append(client)
        return client

    yield make
    for client in made:
        client.http_client.session.close()


@pytest.fixture
def client(clients: Any) -> Any:
    """The account's own client."""
    return clients()


def test_message_is_created_and_delivered(client: Any) -> None:
    """A message is queued, with the types and formats of the real API, and delivered a moment later."""
    message = client.messages.create(to=TO, from_=OURS, body="Hello")
    assert re.fullmatch("SM[0-9a-f]{32}", message.sid)
    assert (message.status, message.direction, message.num_segments, message.num_media) == (
        "queued",
        "outbound-api",
        "1",
        "0",
    )
    assert (message.error_code, message.date_sent, message.price) == (None, None, None)
    assert abs(message.date_created - datetime.now(UTC)) < timedelta(seconds=5)
    sent = wait_until(lambda: found if (found := client.messages(message.sid).fetch()).status == "delivered" else None)
    assert sent.date_sent is not None
    assert sent.uri.endswith(f"/Messages/{message.sid}.json")


def test_media_makes_another_sid(client: Any, twilio: TwilioStandIn) -> None:
    """A message with media has a SID of the other kind, and the stand-in remembers the URLs."""
    message = client.messages.create(to=TO, from_=OURS, media_url=["https://example.org/a", "https://example.org/b"])
    assert message.sid.startswith("MM")
    assert message.num_media == "2"
    assert twilio.messages()[-1]["media"] == ["https://example.org/a", "https://example.org/b"]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"to": ""}, 21604),
        ({"to": "garbage"}, 21211),
        ({"to": "+12"}, 21211),
        ({"to": "+05551234567"}, 21211),
        ({"to": "+15005550001"}, 21211),
        ({"to": "+15005550002"}, 21612),
        ({"to": "+15005550003"}, 21408),
        ({"to": "+15005550004"}, 21610),
        ({"to": "+15005550009"}, 21614),
        ({"from_": ""}, 21603),
        ({"from_": "+15005550001"}, 21212),
        ({"from_": "+15005550007"}, 21606),
        ({"from_": "+15559999999"}, 21606),
        ({"body": ""}, 21619),
        ({"body": "x" * 1601}, 21617),
        ({"media_url": ["ftp://example.org/a"]}, 21620),
        ({"media_url": [f"https://example.org/{n}" for n in range(11)]}, 21620),
        ({"to": f"whatsapp:{TO}"}, 21910),
        ({"status_callback": "https://my_home.example/x"}, 21609),
    ],
)
def test_refused_messages(client: Any, twilio: TwilioStandIn, wanted: dict[str, Any], code: int) -> None:
    """What Twilio does not take is refused with its code and 400, and is not kept."""
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(**({"to": TO, "from_": OURS, "body": "x"} | wanted))
    assert (caught.value.code, caught.value.status) == (code, 400)
    assert twilio.messages() == []


def test_full_queue_is_429_with_a_code_of_its_own(client: Any) -> None:
    """A full queue and too many requests have the same status, and only the code tells them apart."""
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(to=TO, from_="+15005550008", body="x")
    assert (caught.value.code, caught.value.status) == (21611, 429)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"to": ""}, 21201),
        ({"from_": ""}, 21213),
        ({"from_": "+15559999999"}, 21210),
        ({"from_": "+15005550001"}, 21212),
        ({"to": "nobody"}, 21211),
        ({"to": "+15005550004"}, 21216),
        ({"twiml": ""}, 21205),
        ({"twiml": "", "url": "no url"}, 21205),
        ({"twiml": f"<Response>{' ' * 4000}</Response>"}, 32018),
    ],
)
def test_refused_calls(client: Any, twilio: TwilioStandIn, wanted: dict[str, Any], code: int) -> None:
    """A call that Twilio does not make is refused with its code."""
    with pytest.raises(TwilioRestException) as caught:
        client.calls.create(**({"to": TO, "from_": OURS, "twiml": "<Response/>"} | wanted))
    assert caught.value.code == code
    assert twilio.calls() == []


def test_call_is_created_and_ends(client: Any) -> None:
    """A call is queued, walks through its TwiML and is completed, with a duration as text."""
    call = client.calls.create(to=TO, from_=OURS, twiml="<Response><Say>Hi</Say></Response>")
    assert re.fullmatch("CA[0-9a-f]{32}", call.sid)
    assert (call.status, call.direction, call.duration) == ("queued", "outbound-api", None)
    ended = wait_until(lambda: found if (found := client.calls(call.sid).fetch()).status == "completed" else None)
    assert ended.duration == "0"
    with pytest.raises(TwilioRestException) as caught:
        client.calls(call.sid).update(status="completed")
    assert caught.value.code == 21220


@pytest.mark.parametrize("change", [{"status": "busy"}, {"url": "https://a.example/x", "twiml": "<Response/>"}])
def test_calls_cannot_be_changed_to_anything(client: Any, change: dict[str, str]) -> None:
    """Only `completed` and `canceled` are statuses to set, and only one document can follow."""
    call = client.calls.create(to=TO, from_=OURS, twiml="<Response/>")
    with pytest.raises(TwilioRestException) as caught:
        client.calls(call.sid).update(**change)
    assert caught.value.status == 400


@pytest.mark.parametrize(("user", "password"), [("", "wrong"), ("AC" + "9" * 32, ""), (KEY, "wrong")])
def test_wrong_credentials(clients: Any, user: str, password: str) -> None:
    """Whoever is not known is told so with 401 and 20003."""
    with pytest.raises(TwilioRestException) as caught:
        clients(user, password).messages.create(to=TO, from_=OURS, body="x")
    assert (caught.value.status, caught.value.code) == (401, 20003)


@pytest.mark.parametrize("header", [None, "", "Basic", "Basic ä", "Basic !!!!", "Bearer abc"])
def test_junk_credentials(twilio: TwilioStandIn, header: str | None) -> None:
    """Junk in place of credentials is no more than no credentials."""
    headers = {"Authorization": header.encode()} if header is not None else {}
    url = f"{twilio.url}/2010-04-01/Accounts/{twilio.options.account_sid}/Messages.json"
    answer = requests.get(url, headers=headers, timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_api_key_reaches_all_but_the_account(clients: Any, twilio: TwilioStandIn) -> None:
    """A standard API key sends and lists, and is refused the account itself."""
    by_key = clients(KEY, SECRET)
    assert by_key.messages.create(to=TO, from_=OURS, body="x").sid
    assert len(by_key.incoming_phone_numbers.list()) == 1
    with pytest.raises(TwilioRestException) as caught:
        by_key.api.accounts(twilio.options.account_sid).fetch()
    assert caught.value.code == 20003


@pytest.mark.parametrize("status", ["active", "suspended", "closed"])
def test_account_status(client: Any, twilio: TwilioStandIn, status: str) -> None:
    """The account tells its status, and as the real one its token, too."""
    twilio.configure(account_status=status)
    account = client.api.accounts(twilio.options.account_sid).fetch()
    assert (account.status, account.auth_token) == (status, twilio.options.auth_token)


def test_account_of_somebody_else(client: Any) -> None:
    """Another account is not found."""
    with pytest.raises(TwilioRestException) as caught:
        client.api.accounts("AC" + "8" * 32).fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)


def test_rotated_token(clients: Any, client: Any, twilio: TwilioStandIn) -> None:
    """After a rotation the new token is known and the old one is not."""
    twilio.configure(auth_token="promoted")
    assert clients(password="promoted").messages.list() == []
    with pytest.raises(TwilioRestException):
        client.messages.create(to=TO, from_=OURS, body="x")
    twilio.configure(auth_token=twilio.options.auth_token)


def test_numbers_over_several_pages(client: Any, twilio: TwilioStandIn) -> None:
    """All pages together have every number once, also when one is added between two pages."""
    expected = [OURS, *(f"+1555222{n:04d}" for n in range(7))]
    for number in expected[1:]:
        twilio.console.add_number(number)
    assert [each.phone_number for each in client.incoming_phone_numbers.list(page_size=3)] == expected
    first = client.incoming_phone_numbers.page(page_size=5)
    twilio.console.add_number("+15552229999")
    following = first.next_page()
    assert [each.phone_number for each in first] + [each.phone_number for each in following] == [
        *expected,
        "+15552229999",
    ]
    assert following.next_page_url is None


def test_more_than_50_numbers(client: Any, twilio: TwilioStandIn) -> None:
    """A page has 50 entries when nothing else is asked for."""
    for n in range(60):
        twilio.console.add_number(f"+1555333{n:04d}")
    assert len(list(client.incoming_phone_numbers.page())) == 50
    assert len(client.incoming_phone_numbers.list()) == 61


@pytest.mark.parametrize("query", ["PageSize=1001", "PageSize=0", "PageSize=x", "Page=1&PageToken=PAnone", "Page=-1"])
def test_pages_that_do_not_exist(twilio: TwilioStandIn, query: str) -> None:
    """A page size out of range and a made-up token are refused."""
    options = twilio.options
    url = f"{twilio.url}/2010-04-01/Accounts/{options.account_sid}/IncomingPhoneNumbers.json?{query}"
    answer = requests.get(url, auth=(options.account_sid, options.auth_token), timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


def test_number_is_found_and_changed(client: Any, twilio: TwilioStandIn) -> None:
    """A number is found by its digits; what is written can be read back, and an empty text clears."""
    twilio.console.add_number("+15552220001", sms_url="https://old.example/sms")
    (number,) = client.incoming_phone_numbers.list(phone_number="+15552220001")
    assert (number.sms_url, number.capabilities["sms"]) == ("https://old.example/sms", True)
    number.update(sms_url="https://new.example/sms", voice_url="https://new.example/voice", voice_method="GET")
    number.update(sms_url="")
    again = client.incoming_phone_numbers(number.sid).fetch()
    assert (again.sms_url, again.voice_url, again.voice_method) == ("", "https://new.example/voice", "GET")


def test_application_and_trunk_exclude_each_other(client: Any) -> None:
    """Setting the one for calls clears the other; both stay visible as what takes over."""
    (number,) = client.incoming_phone_numbers.list()
    number.update(voice_application_sid="AP" + "1" * 32)
    number.update(trunk_sid="TK" + "1" * 32)
    again = client.incoming_phone_numbers(number.sid).fetch()
    assert (again.voice_application_sid, again.trunk_sid) == ("", "TK" + "1" * 32)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sms_url": "not a url"}, 21402),
        ({"voice_url": "https://my_home.example/x"}, 21402),
        ({"status_callback": "ftp://a.example"}, 21402),
        ({"sms_method": "PUT"}, 21403),
    ],
)
def test_refused_settings(client: Any, change: dict[str, str], code: int) -> None:
    """A setting that Twilio does not take changes nothing, nor do those beside it."""
    (number,) = client.incoming_phone_numbers.list()
    with pytest.raises(TwilioRestException) as caught:
        number.update(friendly_name="changed", **change)
    assert caught.value.code == code
    assert client.incoming_phone_numbers(number.sid).fetch().friendly_name == number.friendly_name


def test_what_does_not_exist(client: Any, twilio: TwilioStandIn) -> None:
    """Unknown SIDs, paths and methods are answered in Twilio's way, never with a page of HTML."""
    for ask in (
        client.messages("SM" + "0" * 32).fetch,
        client.calls("CA" + "0" * 32).fetch,
        client.incoming_phone_numbers("PN" + "0" * 32).fetch,
        client.messages("SM" + "0" * 32).delete,
    ):
        with pytest.raises(TwilioRestException) as caught:
            ask()
        assert (caught.value.status, caught.value.code) == (404, 20404)
    answer = requests.put(f"{twilio.url}/2010-04-01/Accounts/AC1/Messages.json", timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (405, 20004)


def test_lists_are_filtered(client: Any) -> None:
    """Messages and calls are listed latest first, by recipient, sender and day."""
    for n in range(3):
        client.messages.create(to=f"+1555765000{n % 2}", from_=OURS, body=f"number {n}")
    client.calls.create(to=TO, from_=OURS, twiml="<Response/>")
    wait_until(lambda: all(each.date_sent for each in client.messages.list()))
    assert [each.body for each in client.messages.list(to="+15557650000")] == ["number 2", "number 0"]
    assert [each.body for each in client.messages.list(to="+15557650000", limit=1)] == ["number 2"]
    assert client.messages.list(from_="+15550000000") == []
    now = datetime.now(UTC)
    assert len(client.messages.list(date_sent_after=now - timedelta(minutes=1))) == 3
    assert client.messages.list(date_sent_before=now - timedelta(minutes=1)) == []
    assert client.messages.list(date_sent=now.date() - timedelta(days=2)) == []
    assert len(client.calls.list(to=TO, from_=OURS)) == 1
    assert client.calls.list(status="busy") == []


def test_delete_and_redact(client: Any) -> None:
    """An emptied body stays empty, a deleted message is gone, and nothing can be canceled."""
    message = client.messages.create(to=TO, from_=OURS, body="secret")
    assert client.messages(message.sid).update(body="").body == ""
    with pytest.raises(TwilioRestException):
        client.messages(message.sid).update(status="canceled")
    assert client.messages(message.sid).delete() is True
    assert client.messages.list() == []


def test_opted_out_sender(client: Any, twilio: TwilioStandIn) -> None:
    """Whoever sent STOP cannot be written to until START, and others can."""
    twilio.receive_sms(" Stop ", sender=TO)
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(to=TO, from_=OURS, body="x")
    assert caught.value.code == 21610
    assert client.messages.create(to="+15557650000", from_=OURS, body="x").sid
    twilio.receive_sms("START", sender=TO)
    assert client.messages.create(to=TO, from_=OURS, body="x").sid


def test_media_needs_credentials(twilio: TwilioStandIn) -> None:
    """The media of a message that came in is served to the account only."""
    exchange = twilio.receive_sms("", media=[(b"\xff\xd8 a picture", "image/jpeg")])
    assert exchange["form"]["MessageSid"].startswith("MM")
    assert (exchange["form"]["NumMedia"], exchange["form"]["MediaContentType0"]) == ("1", "image/jpeg")
    url = exchange["form"]["MediaUrl0"]
    assert requests.get(url, timeout=30).status_code == 401
    auth = (twilio.options.account_sid, twilio.options.auth_token)
    answer = requests.get(url, auth=auth, timeout=30)
    assert (answer.content, answer.headers["Content-Type"]) == (b"\xff\xd8 a picture", "image/jpeg")
    assert requests.delete(f"{url}.json", auth=auth, timeout=30).status_code == 204
    assert requests.get(url, auth=auth, timeout=30).status_code == 404


def test_control_api_refuses_nonsense(twilio: TwilioStandIn) -> None:
    """An invalid order is refused with a reason and changes nothing."""
    orders: list[Callable[[], object]] = [
        lambda: twilio.webhooks.redeliver(99),
        lambda: twilio.faults.set("earthquake"),
        lambda: twilio.configure(pause="long"),
        lambda: twilio.receive_sms("x", to="+15550009999"),
        lambda: twilio.console.add_number("+15550009999", colour="blue"),
    ]
    for order in orders:
        with pytest.raises(requests.HTTPError, match="error"):
            order()


def test_a_second_client_finds_its_way(twilio: TwilioStandIn) -> None:
    """Somebody who only knows the URL of the REST API controls the stand-in."""
    other = TwilioControl(twilio.url)
    try:
        assert other.options.number == OURS
        assert other.options.api_key_secret == ""
        assert other.receive_sms("x")["n"] == 1
    finally:
        other.close()


def test_webhooks_since_a_number(twilio: TwilioStandIn) -> None:
    """Only webhooks after a number are told where that is asked for."""
    for n in range(3):
        twilio.receive_sms(f"number {n}")
    assert [webhook["n"] for webhook in twilio.webhooks.sent(since=1)] == [2, 3]
