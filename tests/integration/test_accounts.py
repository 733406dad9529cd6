"""What Twilio reports about an account, through the SDK and a real socket."""

from __future__ import annotations

import time
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
ACCOUNT = Account(
    uid=ThingUID("twilio:account:a"), account_sid="AC00000000000000000000000000000001", auth_token="your_auth_token"
)


@pytest.fixture(scope="module")
def twilio() -> Iterator[TwilioStandIn]:
    """A Twilio with an API key."""
    with TwilioStandIn(TwilioOptions(api_key_sid=KEY, api_key_secret=SECRET)) as standin:
        yield standin


@pytest.fixture
def numbers(twilio: TwilioStandIn) -> Iterator[TwilioNumbers]:
    """Our side of it."""
    twilio.reset()
    clients = Clients(twilio.url)
    yield TwilioNumbers(clients)
    clients.stop()


def test_active_account(numbers: TwilioNumbers) -> None:
    """An account with the right token is active."""
    assert numbers.account_status(ACCOUNT) == "active"


def test_proxy_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests to Twilio go through the proxy of the environment, unless it excepts the host."""
    path = f"/2010-04-01/Accounts/{ACCOUNT.account_sid}.json"
    answer = Answer(body='{"status": "active"}', content_type="application/json")
    with receiver() as proxy:
        proxy.answer(path, answer)
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "127.0.0.2")
        through, past = Clients("http://twilio.invalid"), Clients("http://127.0.0.2:9")
        assert [TwilioNumbers(through).account_status(ACCOUNT) for _ in range(2)] == ["active", "active"]
        with pytest.raises(TwilioError, match="cannot be reached"):
            TwilioNumbers(past).account_status(ACCOUNT)
        through.stop()
        past.stop()
    assert [asked.target for asked in proxy.asked] == [f"http://twilio.invalid{path}"] * 2


def test_suspended_account(twilio: TwilioStandIn, numbers: TwilioNumbers) -> None:
    """A suspended account is reported as such."""
    twilio.configure(account_status="suspended")
    assert numbers.account_status(ACCOUNT) == "suspended"
    twilio.configure(account_status="active")


def test_standard_api_key(numbers: TwilioNumbers) -> None:
    """A standard API key, which cannot read the account, works like the token."""
    assert numbers.account_status(replace(ACCOUNT, api_key_sid=KEY, api_key_secret=SECRET)) == "active"


@pytest.mark.parametrize("wrong", [{"auth_token": "x"}, {"api_key_sid": KEY, "api_key_secret": "x"}])
def test_wrong_credentials(numbers: TwilioNumbers, wrong: dict[str, str]) -> None:
    """Wrong credentials are refused with Twilio's code; the text contains neither SID nor token."""
    with pytest.raises(TwilioError) as caught:
        numbers.account_status(replace(ACCOUNT, **wrong))  # type: ignore[arg-type]
    assert caught.value.code == "twilio.20003"
    assert not caught.value.retryable
    assert "AC0" not in str(caught.value)


@pytest.mark.parametrize(("fault", "expected"), [("html", OutcomeUnknownError), ("429", TwilioError)])
def test_answers_that_make_no_sense(
    twilio: TwilioStandIn, numbers: TwilioNumbers, fault: str, expected: type[Exception]
) -> None:
    """HTML instead of JSON, and too many requests, are errors with a reason."""
    twilio.faults.set(fault, count=1)
    with pytest.raises(expected):
        numbers.account_status(ACCOUNT)


def test_nobody_there() -> None:
    """If Twilio cannot be reached, it certainly received nothing, and is asked again."""
    clients = Clients("http://127.0.0.1:9")
    with pytest.raises(TwilioError) as caught:
        TwilioNumbers(clients).account_status(ACCOUNT)
    assert (caught.value.code, caught.value.retryable) == ("twilio_away", True)
    clients.stop()


def test_clock_of_twilio(twilio: TwilioStandIn) -> None:
    """Each answer of Twilio contains its time; an invalid date, or one from another server, changes nothing."""
    clients = Clients(twilio.url)
    clients.clock.told("Thu, 01 Jan 2015 00:00:00 GMT")
    assert 1420070399 < clients.clock.now() < 1420070460
    for nothing in ("", "yesterday", "Thu, 99 Jan 2015 00:00:00 GMT"):
        clients.clock.told(nothing)
    assert clients.clock.now() < 1420070460
    TwilioNumbers(clients).account_status(ACCOUNT)
    assert abs(clients.clock.now() - time.time()) < 5
    clients.stop()
