"""What Twilio says of an account, through the SDK and a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from twilio_binding.flows.ports import OutcomeUnknownError, TwilioError
from twilio_binding.model.things import Account
from twilio_binding.model.uids import ThingUID
from twilio_binding.sandbox.twilio import Options, TwilioStandIn
from twilio_binding.twilio_api import TwilioGateway

KEY, SECRET = "SK00000000000000000000000000000001", "key secret"
ACCOUNT = Account(
    uid=ThingUID("twilio:account:a"), account_sid="AC00000000000000000000000000000001", auth_token="your_auth_token"
)


@pytest.fixture(scope="module")
def twilio() -> Iterator[TwilioStandIn]:
    """A Twilio with an API key."""
    with TwilioStandIn(Options(api_key_sid=KEY, api_key_secret=SECRET)) as standin:
        yield standin


@pytest.fixture
def gateway(twilio: TwilioStandIn) -> Iterator[TwilioGateway]:
    """Our side of it."""
    twilio.reset()
    gateway = TwilioGateway(twilio.url)
    yield gateway
    gateway.stop()


def test_active_account(gateway: TwilioGateway) -> None:
    """An account with the right token is active."""
    assert gateway.check(ACCOUNT) == "active"


def test_suspended_account(twilio: TwilioStandIn, gateway: TwilioGateway) -> None:
    """A suspended account says so."""
    twilio.configure(account_status="suspended")
    assert gateway.check(ACCOUNT) == "suspended"
    twilio.configure(account_status="active")


def test_standard_api_key(gateway: TwilioGateway) -> None:
    """A standard API key, which may not read the account, is as good as the token."""
    assert gateway.check(replace(ACCOUNT, api_key_sid=KEY, api_key_secret=SECRET)) == "active"


@pytest.mark.parametrize("wrong", [{"auth_token": "x"}, {"api_key_sid": KEY, "api_key_secret": "x"}])
def test_wrong_credentials(gateway: TwilioGateway, wrong: dict[str, str]) -> None:
    """Wrong credentials are refused with Twilio's code, and neither SID nor token is in the text."""
    with pytest.raises(TwilioError) as caught:
        gateway.check(replace(ACCOUNT, **wrong))  # type: ignore[arg-type]
    assert caught.value.code == "twilio.20003"
    assert not caught.value.retryable
    assert "AC0" not in str(caught.value)


@pytest.mark.parametrize(("fault", "expected"), [("html", OutcomeUnknownError), ("429", TwilioError)])
def test_answers_that_make_no_sense(
    twilio: TwilioStandIn, gateway: TwilioGateway, fault: str, expected: type[Exception]
) -> None:
    """HTML instead of JSON, and too many requests, are errors with a reason."""
    twilio.fault(fault, count=1)
    with pytest.raises(expected):
        gateway.check(ACCOUNT)


def test_nobody_there() -> None:
    """A Twilio that cannot be reached is known to have taken nothing, and is asked again."""
    gateway = TwilioGateway("http://127.0.0.1:9")
    with pytest.raises(TwilioError) as caught:
        gateway.check(ACCOUNT)
    assert (caught.value.code, caught.value.retryable) == ("twilio_away", True)
    gateway.stop()
