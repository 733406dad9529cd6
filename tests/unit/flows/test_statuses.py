"""Contract, section 10: the status of each thing, asked again while something is wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import Announced
from tests.unit.flows.office import ACCOUNT_UID, PHONE, THINGS, KnownThings
from tests.waiting import wait_until
from twilio_binding.flows.ports import OutcomeUnknownError, TwilioError
from twilio_binding.flows.statuses import Status, Statuses
from twilio_binding.model.things import Account, BrokenThing

_ACCOUNT = THINGS.accounts[ACCOUNT_UID]


class Desk:
    """Statuses with a Twilio whose next answer is set by the test."""

    def __init__(self) -> None:
        self.answer: str | Exception = "active"
        self.asked: list[str] = []
        self.told: list[list[dict[str, Any]]] = []
        self.things = KnownThings()
        self.fails = False
        self.open = threading.Event()
        self.open.set()
        self.statuses = Statuses(self.things, check=self._check, on_change=self._change)

    def _check(self, account: Account) -> str:
        self.asked.append(account.uid)
        self.open.wait(10)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def _change(self, described: list[dict[str, Any]]) -> None:
        self.told.append(described)
        if self.fails:
            raise RuntimeError("no")

    def wait(self, number: int) -> list[dict[str, Any]]:
        """What was told the last time, once that was so often."""
        wait_until(lambda: len(self.told) >= number, 5, f"{number} descriptions")
        return self.told[-1]


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk that is not at work yet."""
    desk = Desk()
    yield desk
    desk.open.set()
    desk.statuses.stop()


def _of(described: list[dict[str, Any]], uid: str) -> tuple[str, str, str]:
    (thing,) = (thing for thing in described if thing["uid"] == uid)
    return thing["status"], thing["statusDetail"], thing["description"]


def test_online(desk: Desk) -> None:
    """An active account is online, and so are its phones; properties and channels are told."""
    desk.statuses.start()
    described = desk.wait(1)
    assert _of(described, ACCOUNT_UID) == _of(described, PHONE) == ("ONLINE", "NONE", "")
    phone = next(thing for thing in described if thing["uid"] == PHONE)
    assert phone["bridgeUID"] == ACCOUNT_UID
    assert phone["properties"] == {
        "smsWebhookUrl": f"https://my.domain.com/twilio/callback/{PHONE}/sms",
        "voiceWebhookUrl": f"https://my.domain.com/twilio/callback/{PHONE}/voice",
        "statusCallbackUrl": f"https://my.domain.com/twilio/callback/{PHONE}/status",
    }
    assert len(phone["channels"]) == 15
    assert "secret" not in str(described)
    assert "+15551234567" not in str(described)


def test_not_asked_yet(desk: Desk) -> None:
    """Until Twilio has answered, nothing is known."""
    desk.open.clear()
    desk.statuses.start()
    wait_until(lambda: desk.asked, 5, "Twilio to be asked")
    described: list[dict[str, Any]] = desk.statuses.describe()
    assert _of(described, ACCOUNT_UID)[:2] == _of(described, PHONE)[:2] == ("UNKNOWN", "NONE")


@pytest.mark.parametrize(
    ("answer", "detail", "text"),
    [
        ("suspended", "CONFIGURATION_ERROR", "Account is not active"),
        ("closed", "CONFIGURATION_ERROR", "Account is not active"),
        (TwilioError("twilio.20003", "x"), "CONFIGURATION_ERROR", "Invalid Account SID or Auth Token"),
        (TwilioError("twilio.20429", "Too many"), "COMMUNICATION_ERROR", "Twilio API error (20429): Too many"),
        (TwilioError("twilio_away", "no network"), "COMMUNICATION_ERROR", "Request failed: no network"),
        (OutcomeUnknownError("no answer"), "COMMUNICATION_ERROR", "Request failed: no answer"),
    ],
)
def test_offline(desk: Desk, answer: str | Exception, detail: str, text: str) -> None:
    """Each failure has its detail and text; the phones of the account say that their bridge is offline."""
    desk.answer = answer
    desk.statuses.start()
    described = desk.wait(1)
    assert _of(described, ACCOUNT_UID) == ("OFFLINE", detail, text)
    assert _of(described, PHONE) == ("OFFLINE", "BRIDGE_OFFLINE", "")


def test_unexpected_failure(desk: Desk, announced: Announced) -> None:
    """A failure that nobody expected is logged and tells nothing of itself."""
    announced("account.check_failed")
    desk.answer = KeyError("secret")
    desk.statuses.start()
    assert _of(desk.wait(1), ACCOUNT_UID) == ("OFFLINE", "COMMUNICATION_ERROR", "Request failed")


def test_back_again(desk: Desk) -> None:
    """After a failure the account is asked again, at once when the configuration changes."""
    desk.answer = TwilioError("twilio_away", "x")
    desk.statuses.start()
    desk.wait(1)
    desk.answer = "active"
    desk.statuses.refresh()
    assert _of(desk.wait(2), PHONE) == ("ONLINE", "NONE", "")


def test_changed_token(desk: Desk) -> None:
    """An account with another token is another account: what was known of the old one does not count."""
    desk.statuses.start()
    desk.wait(1)
    changed = replace(_ACCOUNT, auth_token="other")
    desk.things.things = replace(THINGS, accounts={ACCOUNT_UID: changed})
    assert desk.statuses.of_account(changed) == Status()
    assert desk.statuses.of_phone(THINGS.phones[PHONE]) == Status()


def test_without_a_public_url(desk: Desk) -> None:
    """Properties for URLs that are not known are left out, not empty."""
    desk.things.things = replace(THINGS, accounts={ACCOUNT_UID: replace(_ACCOUNT, public_url="")})
    desk.statuses.start()
    assert all(thing["properties"] == {} for thing in desk.wait(1))


def test_broken_things(desk: Desk) -> None:
    """A thing that cannot be used is told with its reason, and Twilio is not asked about it."""
    broken = BrokenThing(uid="twilio:phone:a:x", label="X", bridge=ACCOUNT_UID, reason="Phone number is required")
    desk.things.things = replace(THINGS, broken=(broken,))
    desk.statuses.start()
    described = desk.wait(1)
    assert _of(described, broken.uid) == ("OFFLINE", "CONFIGURATION_ERROR", "Phone number is required")
    assert desk.asked == [ACCOUNT_UID]


def test_listener_that_fails(desk: Desk, announced: Announced) -> None:
    """Somebody who fails on a change does not end the asking."""
    announced("statuses.not_told")
    desk.fails = True
    desk.statuses.start()
    desk.wait(1)
    desk.statuses.refresh()
    desk.wait(2)


def test_stop_without_start(desk: Desk) -> None:
    """Stopping what never started ends at once."""
    desk.statuses.stop()
