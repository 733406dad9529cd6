"""What Twilio reports about an account's numbers, through the SDK and a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from lab.standins.client import TwilioStandIn
from tests.standins import Answer, receiver
from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.model.things import Account
from twilio_binding.model.uids import ThingUID
from twilio_binding.sandbox.twilio import TwilioOptions
from twilio_binding.twilio_api import Clients, TwilioNumbers

KEY, SECRET = "SK00000000000000000000000000000001", "key secret"
OWN = "+15551234567"
LIST = r"/2010-04-01/Accounts/AC\w+/IncomingPhoneNumbers.json"
ACCOUNT = Account(
    uid=ThingUID("twilio:account:a"), account_sid="AC00000000000000000000000000000001", auth_token="your_auth_token"
)
UNREADABLE = "Twilio's answer could not be read"


@pytest.fixture(scope="module")
def running() -> Iterator[TwilioStandIn]:
    """A Twilio with an API key."""
    with TwilioStandIn(TwilioOptions(api_key_sid=KEY, api_key_secret=SECRET)) as standin:
        yield standin


@pytest.fixture
def twilio(running: TwilioStandIn) -> TwilioStandIn:
    """Twilio with one number."""
    running.reset()
    return running


@pytest.fixture
def numbers(twilio: TwilioStandIn) -> Iterator[TwilioNumbers]:
    """Our side of it."""
    clients = Clients(twilio.url)
    yield TwilioNumbers(clients)
    clients.stop()


def test_all_pages(twilio: TwilioStandIn, numbers: TwilioNumbers) -> None:
    """Contract, section 9: all pages of numbers are read, not only the first one."""
    twilio.configure(page_limit=2)
    others = [f"+1555000000{n}" for n in range(6)]
    for other in others:
        twilio.console.add_number(other, friendly_name=f"Number {other[-1]}")
    found = numbers.all(ACCOUNT)
    assert [number.phone_number for number in found] == [OWN, *others]
    assert found[-1].friendly_name == "Number 5"


def test_page_that_fails_in_the_middle(twilio: TwilioStandIn, numbers: TwilioNumbers) -> None:
    """A page that fails makes the whole search fail: half a list would make numbers disappear."""
    twilio.configure(page_limit=1)
    twilio.console.add_number("+15550000001")
    twilio.faults.set("500", path=LIST, skip=1, count=1)
    with pytest.raises(OutcomeUnknownError, match="Twilio answered 500"):
        numbers.all(ACCOUNT)
    assert len(numbers.all(ACCOUNT)) == 2


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        "[" * 5000,
        '{"incoming_phone_numbers": null}',
        '{"incoming_phone_numbers": ["PN1"]}',
        '{"incoming_phone_numbers": [{"sid": "PN1"}]}',
        '{"incoming_phone_numbers": [{"sid": 1, "phone_number": "+15550000001"}]}',
    ],
)
def test_pages_that_are_none(twilio: TwilioStandIn, numbers: TwilioNumbers, body: str) -> None:
    """An answer that is not a list of numbers does not mean an account without numbers."""
    twilio.faults.set("status", path=LIST, status=200, body=body)
    with pytest.raises(OutcomeUnknownError, match=UNREADABLE):
        numbers.all(ACCOUNT)
    with pytest.raises(OutcomeUnknownError, match=UNREADABLE):
        numbers.find(ACCOUNT, OWN)


def test_pages_in_a_circle(twilio: TwilioStandIn, numbers: TwilioNumbers) -> None:
    """Pages that lead to each other forever are an error."""
    body = json.dumps(
        {"incoming_phone_numbers": [], "next_page_uri": "/2010-04-01/Accounts/AC1/IncomingPhoneNumbers.json"}
    )
    twilio.faults.set("status", path=LIST, status=200, body=body)
    with pytest.raises(OutcomeUnknownError, match="has no end"):
        numbers.all(ACCOUNT)


def test_next_page_elsewhere(twilio: TwilioStandIn, numbers: TwilioNumbers) -> None:
    """A next page on another host is requested from Twilio: the token goes nowhere else."""
    with receiver() as elsewhere:
        path = f"/2010-04-01/Accounts/{ACCOUNT.account_sid}/IncomingPhoneNumbers.json?PageSize=1"
        body = json.dumps({"incoming_phone_numbers": [], "next_page_uri": elsewhere.url + path})
        twilio.faults.set("status", path=LIST, status=200, body=body, count=1)
        assert [number.phone_number for number in numbers.all(ACCOUNT)] == [OWN]
        assert elsewhere.asked == []


def test_find_takes_the_whole_number(twilio: TwilioStandIn, numbers: TwilioNumbers) -> None:
    """Twilio also finds parts of numbers; only the whole number counts."""
    twilio.console.add_number(OWN + "8")
    found = numbers.find(ACCOUNT, OWN)
    assert found is not None
    assert found.phone_number == OWN
    assert numbers.find(ACCOUNT, OWN[:-1]) is None


def test_write_changes_what_it_names(twilio: TwilioStandIn, numbers: TwilioNumbers) -> None:
    """A write sets what it names, also an empty text, and changes nothing else."""
    sid = twilio.console.number()["sid"]
    numbers.write(ACCOUNT, sid, {"SmsUrl": "https://new.example/sms", "StatusCallback": ""})
    settings = numbers.read(ACCOUNT, sid).settings
    assert settings["SmsUrl"] == "https://new.example/sms"
    assert settings["StatusCallback"] == ""
    assert settings["VoiceUrl"].endswith("/voice")


def test_write_that_is_refused(twilio: TwilioStandIn, numbers: TwilioNumbers) -> None:
    """A refused write has Twilio's code and text."""
    with pytest.raises(TwilioError, match="URL is not valid") as caught:
        numbers.write(ACCOUNT, twilio.console.number()["sid"], {"SmsUrl": "nonsense"})
    assert caught.value.code == "twilio.21402"


def test_asked_too_often(twilio: TwilioStandIn, numbers: TwilioNumbers) -> None:
    """Too many requests report the seconds that Twilio asks to wait, if any."""
    twilio.faults.set("429", path=LIST, headers={"Retry-After": "7"}, count=1)
    with pytest.raises(TwilioError) as caught:
        numbers.all(ACCOUNT)
    assert (caught.value.is_too_many, caught.value.retry_after, caught.value.retryable) == (True, 7.0, True)
    twilio.faults.set("429", path=LIST, headers={"Retry-After": "Tue, 24 Nov 2026 12:00:00 GMT"}, count=1)
    with pytest.raises(TwilioError) as caught:
        numbers.all(ACCOUNT)
    assert caught.value.retry_after == 0


def test_account_that_is_suspended(twilio: TwilioStandIn, numbers: TwilioNumbers) -> None:
    """Contract, section 10: an inactive account is reported, also to a key that cannot read the account."""
    twilio.configure(account_status="suspended")
    assert numbers.account_status(ACCOUNT) == "suspended"
    with pytest.raises(TwilioError) as caught:
        numbers.account_status(replace(ACCOUNT, api_key_sid=KEY, api_key_secret=SECRET))
    assert caught.value.inactive


def test_key_that_may_not_read_numbers(twilio: TwilioStandIn, numbers: TwilioNumbers) -> None:
    """A restricted key that cannot list numbers is still valid."""
    twilio.faults.set("forbidden", path=LIST)
    account = replace(ACCOUNT, api_key_sid=KEY, api_key_secret=SECRET)
    assert numbers.account_status(account) == "active"
    with pytest.raises(TwilioError) as caught:
        numbers.find(account, OWN)
    assert caught.value.forbidden


@pytest.mark.parametrize("body", ["{}", '{"status": null}', '{"status": "superb"}', "[]", "", "<html>Welcome</html>"])
def test_account_that_is_none(twilio: TwilioStandIn, numbers: TwilioNumbers, body: str) -> None:
    """An answer with an unknown status is an error, not an inactive account."""
    twilio.faults.set("status", status=200, body=body)
    with pytest.raises(OutcomeUnknownError, match=UNREADABLE):
        numbers.account_status(ACCOUNT)


def test_html_from_somebody_else(numbers: TwilioNumbers) -> None:
    """A captive portal's page is reported as such."""
    with receiver() as portal:
        path = f"/2010-04-01/Accounts/{ACCOUNT.account_sid}.json"
        portal.answer(path, Answer(body="<html>Log in</html>", status=404, content_type="text/html"))
        clients = Clients(portal.url)
        with pytest.raises(TwilioError, match="does not come from Twilio's API"):
            TwilioNumbers(clients).account_status(ACCOUNT)
        clients.stop()


def test_rivals_that_the_number_names(twilio: TwilioStandIn, numbers: TwilioNumbers) -> None:
    """Contract, section 9: applications and a trunk that override webhooks are named, with where the application points."""
    application = twilio.console.add_application(sms_url="https://app.example/sms")
    twilio.console.change_number(sms_application_sid=application["sid"], voice_application_sid="AP" + "0" * 32)
    number = numbers.find(ACCOUNT, OWN)
    assert number is not None
    texts, calls = numbers.rivals(ACCOUNT, number)
    assert (texts.traffic, texts.url) == ("Texts", "https://app.example/sms")
    assert str(texts).startswith(f"Texts do not arrive here: the application {application['sid']} gets them; remove it")
    assert (calls.traffic, calls.url) == ("Calls", "")
    twilio.console.change_number(sms_application_sid="", voice_application_sid="", trunk_sid="TK1")
    number = numbers.find(ACCOUNT, OWN)
    assert number is not None
    assert [rival.name for rival in numbers.rivals(ACCOUNT, number)] == ["the SIP trunk TK1"]


def test_messaging_service(twilio: TwilioStandIn, numbers: TwilioNumbers) -> None:
    """Contract, section 9: a messaging service that takes or drops the texts is named; others are not."""
    twilio.console.add_number("+15550000001")
    twilio.console.add_service("+15550000001", inbound_request_url="https://other.example")
    twilio.console.add_service(OWN, use_inbound_webhook_on_number=True)
    number = numbers.find(ACCOUNT, OWN)
    assert number is not None
    assert numbers.rivals(ACCOUNT, number) == []
    service = twilio.console.add_service(OWN)
    (rival,) = numbers.rivals(ACCOUNT, number)
    assert rival.name == f"the messaging service {service['sid']} (which drops them)"


def test_region(twilio: TwilioStandIn, numbers: TwilioNumbers) -> None:
    """Contract, section 9: a number whose calls another region handles has other webhooks than those that we set."""
    twilio.console.add_number("+15550000001", voice_region="ie1")
    number = numbers.find(ACCOUNT, "+15550000001")
    assert number is not None
    (rival,) = numbers.rivals(ACCOUNT, number)
    assert (rival.traffic, rival.name) == ("Calls", "the region ie1")


@pytest.mark.parametrize("fault", ["forbidden", "500", "html", "empty", "nonsense", "reset"])
def test_rivals_that_may_not_be_asked_for(twilio: TwilioStandIn, numbers: TwilioNumbers, fault: str) -> None:
    """Unreadable messaging services and regions cost nothing except that knowledge."""
    number = numbers.find(ACCOUNT, OWN)
    assert number is not None
    twilio.faults.set(fault, path="/v[12]/")
    assert numbers.rivals(ACCOUNT, number) == []


@pytest.mark.parametrize(
    ("api_url", "region"),
    [
        ("https://api.twilio.com", "us1"),
        ("https://api.dublin.ie1.twilio.com", "ie1"),
        ("https://api.ie1.twilio.com", "ie1"),
        ("http://127.0.0.1:8081", "us1"),
    ],
)
def test_region_that_is_asked(api_url: str, region: str) -> None:
    """The region is the one in the API's URL."""
    assert Clients(api_url).region == region
