"""Contract, section 10: the status of each thing, checked again while something is wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NoReturn

import pytest

from tests.conftest import Announced
from tests.unit.outgoing.office import ACCOUNT_UID, OTHER, PHONE, THINGS, KnownThings
from tests.waiting import wait_until
from twilio_binding.accounts.checks import AccountChecks
from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.model.alarms import Alarm
from twilio_binding.model.contacts import Contact
from twilio_binding.model.statuses import ONLINE, Status, misconfigured, online, unreached
from twilio_binding.model.things import Account, BrokenThing, Phone
from twilio_binding.model.uids import ThingUID

WELL = ("ONLINE", "NONE", "")
_ACCOUNT = THINGS.accounts[ACCOUNT_UID]


class Desk:
    """Statuses with a Twilio whose next answers the test controls."""

    def __init__(self) -> None:
        self.answer: str | Exception = "active"
        self.phone: Status | Exception = ONLINE
        self.numbers: Exception | None = None
        self.asked: list[str] = []
        self.times: list[float] = []
        self.configured: list[str] = []
        self.looked: list[str] = []
        self.told: list[list[dict[str, Any]]] = []
        self.things = KnownThings()
        self.fails = False
        self.fail_for = ""
        self.hindrance = ""
        self.open = threading.Event()
        self.open.set()
        self.checks = AccountChecks(
            self.things,
            check=self._check,
            configure=self._configure,
            discover=self._discover,
            on_change=self._change,
            hindrance=lambda: self.hindrance,
        )

    def _check(self, account: Account) -> str:
        self.asked.append(account.uid)
        self.times.append(time.monotonic())
        self.open.wait(60)
        if account.uid == self.fail_for:
            raise OutcomeUnknownError("no answer")
        return self.answer if isinstance(self.answer, str) else _raised(self.answer)

    def _configure(self, account: Account, phone: Phone) -> Status:
        self.configured.append(phone.uid)
        assert phone.bridge == account.uid
        return self.phone if isinstance(self.phone, Status) else _raised(self.phone)

    def _discover(self, account: Account) -> None:
        self.looked.append(account.uid)
        if self.numbers is not None:
            raise self.numbers

    def _change(self, described: list[dict[str, Any]]) -> None:
        self.told.append(described)
        if self.fails:
            raise RuntimeError("no")

    def wait(self, uid: str, expected: tuple[str, str, str]) -> list[dict[str, Any]]:
        """The last published things, when a thing meets a condition."""
        try:
            wait_until(lambda: self.told and _of(self.told[-1], uid) == expected, 5)
        except AssertionError:
            pytest.fail(f"{uid} is not {expected} but {_of(self.told[-1], uid)}")
        return self.told[-1]


def _raised(error: Exception) -> NoReturn:
    raise error


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Checks that are not started yet."""
    desk = Desk()
    yield desk
    desk.open.set()
    desk.checks.stop()


def _of(described: list[dict[str, Any]], uid: str) -> tuple[str, str, str]:
    (thing,) = (thing for thing in described if thing["uid"] == uid)
    return thing["status"], thing["statusDetail"], thing["description"]


def test_what_hinders_all_of_them(desk: Desk) -> None:
    """What hinders all things in openHAB is shown on otherwise working accounts, until it is gone."""
    desk.checks.start()
    desk.wait(PHONE, WELL)
    desk.hindrance = "the script has another secret"
    desk.checks.publish()
    desk.wait(ACCOUNT_UID, ("OFFLINE", "CONFIGURATION_ERROR", "The script has another secret"))
    desk.wait(PHONE, ("OFFLINE", "BRIDGE_OFFLINE", ""))
    assert desk.checks.statuses.of_account(_ACCOUNT).is_online
    desk.hindrance = ""
    desk.checks.publish()
    desk.wait(PHONE, WELL)


def test_online(desk: Desk) -> None:
    """An active account is online, and so are its phones; properties and channels are published."""
    desk.checks.start()
    described = desk.wait(PHONE, WELL)
    assert _of(described, ACCOUNT_UID) == WELL
    assert desk.looked == [ACCOUNT_UID]
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
    """Until Twilio has answered, the status is unknown."""
    desk.open.clear()
    desk.checks.start()
    wait_until(lambda: desk.asked, 5, "Twilio to be asked")
    described: list[dict[str, Any]] = desk.checks.statuses.describe()
    assert _of(described, ACCOUNT_UID)[:2] == _of(described, PHONE)[:2] == ("UNKNOWN", "NONE")


@pytest.mark.parametrize(
    ("answer", "detail", "text"),
    [
        ("suspended", "CONFIGURATION_ERROR", "Account is not active"),
        ("closed", "CONFIGURATION_ERROR", "Account is not active"),
        (TwilioError("twilio.20003", "x"), "CONFIGURATION_ERROR", "Invalid Account SID or Auth Token"),
        (TwilioError("twilio.20429", "Too many"), "COMMUNICATION_ERROR", "Twilio API error (20429): Too many"),
        (
            TwilioError("twilio.http_404", "the answer does not come from Twilio's API"),
            "COMMUNICATION_ERROR",
            "Request failed: the answer does not come from Twilio's API",
        ),
        (TwilioError("twilio_away", "no network"), "COMMUNICATION_ERROR", "Request failed: no network"),
        (OutcomeUnknownError("no answer"), "COMMUNICATION_ERROR", "Request failed: no answer"),
    ],
)
def test_offline(desk: Desk, answer: str | Exception, detail: str, text: str) -> None:
    """Each failure has its detail and text; the phones of the account say that their bridge is offline."""
    desk.answer = answer
    desk.checks.start()
    described = desk.wait(ACCOUNT_UID, ("OFFLINE", detail, text))
    assert _of(described, PHONE) == ("OFFLINE", "BRIDGE_OFFLINE", "")
    assert desk.configured == desk.looked == []


def test_unexpected_failure(desk: Desk, announced: Announced) -> None:
    """An unexpected failure is logged, without details in the status."""
    announced("account.check_failed")
    desk.answer = KeyError("secret")
    desk.checks.start()
    desk.wait(ACCOUNT_UID, ("OFFLINE", "COMMUNICATION_ERROR", "Request failed"))


def test_back_again(desk: Desk) -> None:
    """After a failure the account is checked again, immediately if the configuration changes."""
    desk.answer = TwilioError("twilio_away", "x")
    desk.checks.start()
    desk.wait(PHONE, ("OFFLINE", "BRIDGE_OFFLINE", ""))
    desk.answer = "active"
    desk.checks.refresh()
    desk.wait(PHONE, WELL)


def test_changed_token(desk: Desk) -> None:
    """An account with another token is another account: the old status does not count."""
    desk.checks.start()
    desk.wait(PHONE, WELL)
    changed = replace(_ACCOUNT, auth_token="other")
    desk.things.things = replace(THINGS, accounts={ACCOUNT_UID: changed})
    assert desk.checks.statuses.of_account(changed) == Status()
    assert desk.checks.statuses.of_phone(THINGS.phones[PHONE]) == Status()


def test_without_a_public_url(desk: Desk) -> None:
    """Properties without known URLs are left out, not empty."""
    desk.things.things = replace(THINGS, accounts={ACCOUNT_UID: replace(_ACCOUNT, public_url="")})
    desk.checks.start()
    assert all(thing["properties"] == {} for thing in desk.wait(PHONE, WELL))


@pytest.mark.parametrize(
    ("bridge", "detail"),
    [
        (ACCOUNT_UID, "CONFIGURATION_ERROR"),
        ("twilio:account:broken", "BRIDGE_OFFLINE"),
        ("twilio:account:missing", "BRIDGE_UNINITIALIZED"),
    ],
)
def test_broken_things(desk: Desk, bridge: str, detail: str) -> None:
    """Contract, section 10: an unusable thing says why, and never affects the others."""
    account = BrokenThing(uid="twilio:account:broken", label="A", reason="Account SID is required")
    phone = BrokenThing(uid="twilio:phone:a:x", label="X", bridge=bridge, reason="Phone number is required")
    desk.things.things = replace(THINGS, broken=(account, phone))
    desk.checks.start()
    described = desk.wait(PHONE, WELL)
    assert _of(described, account.uid) == ("OFFLINE", "CONFIGURATION_ERROR", "Account SID is required")
    assert _of(described, phone.uid) == ("OFFLINE", detail, "Phone number is required")
    assert desk.asked == [ACCOUNT_UID]


def test_phone_without_account(desk: Desk) -> None:
    """Contract, section 10: a phone whose account does not exist says that the bridge is not initialized."""
    desk.things.things = replace(THINGS, accounts={})
    status = desk.checks.statuses.of_phone(THINGS.phones[PHONE])
    assert (status.status, status.detail) == ("OFFLINE", "BRIDGE_UNINITIALIZED")


def test_phone_with_a_reason(desk: Desk) -> None:
    """Contract, section 10: a phone whose webhooks could not be set is offline with the reason; its account is online."""
    desk.phone = misconfigured("no such number")
    desk.checks.start()
    described = desk.wait(PHONE, ("OFFLINE", "CONFIGURATION_ERROR", "no such number"))
    assert _of(described, ACCOUNT_UID) == WELL
    wait_until(lambda: desk.looked, 5, "discovery all the same")


def test_check_of_a_phone_that_fails(desk: Desk, announced: Announced) -> None:
    """An unexpected failure affects neither the other phones nor the discovery."""
    announced("phone.check_failed")
    desk.phone = KeyError("secret")
    desk.checks.start()
    text = "The number's webhooks could not be checked"
    described = desk.wait(OTHER, ("OFFLINE", "COMMUNICATION_ERROR", text))
    assert _of(described, PHONE) == ("OFFLINE", "COMMUNICATION_ERROR", text)
    wait_until(lambda: desk.looked, 5, "discovery all the same")


def test_two_things_with_one_number(desk: Desk) -> None:
    """A number belongs to its first thing; the second one says so and is not set up."""
    second = replace(THINGS.phones[OTHER], phone_number="+15551234567")
    desk.things.things = replace(THINGS, phones={PHONE: THINGS.phones[PHONE], OTHER: second})
    desk.checks.start()
    wait_until(lambda: desk.told and _of(desk.told[-1], OTHER)[0] == "OFFLINE", 5, "the second thing")
    assert _of(desk.told[-1], OTHER)[2].startswith(f"{PHONE} has the same number")
    assert _of(desk.told[-1], PHONE) == WELL
    assert desk.configured == [PHONE]


def test_asked_too_often_when_all_was_well(desk: Desk) -> None:
    """Too many requests make no working thing offline."""
    desk.checks.start()
    desk.wait(PHONE, WELL)
    desk.answer = TwilioError("twilio.20429", "Too many", retryable=True)
    desk.checks.refresh()
    wait_until(lambda: len(desk.asked) == 2, 5, "the second question")
    desk.answer = "active"
    desk.phone = TwilioError("twilio.20429", "Too many", retryable=True)
    desk.checks.refresh()
    wait_until(lambda: len(desk.asked) == 3, 5, "the third question")
    assert _of(desk.told[-1], ACCOUNT_UID) == _of(desk.told[-1], PHONE) == WELL


def test_waits_for_as_long_as_twilio_wants(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A longer Retry-After replaces our pause."""
    monkeypatch.setattr("twilio_binding.accounts.checks._PAUSES", (0.01,))
    error = TwilioError("twilio.20429", "Too many", retryable=True)
    error.retry_after = 0.3
    desk.answer = error
    desk.checks.start()
    desk.wait(ACCOUNT_UID, ("OFFLINE", "COMMUNICATION_ERROR", "Twilio API error (20429): Too many"))
    desk.answer = "active"
    desk.wait(PHONE, WELL)
    assert desk.times[1] - desk.times[0] >= 0.3
    assert len(desk.asked) == 2


def test_suspended_when_a_key_is_used(desk: Desk) -> None:
    """Contract, section 10: Twilio's refusal for an inactive account has the same text as its status."""
    desk.answer = TwilioError("twilio.20005", "x", inactive=True)
    desk.checks.start()
    desk.wait(ACCOUNT_UID, ("OFFLINE", "CONFIGURATION_ERROR", "Account is not active"))


def test_discovery_that_fails(desk: Desk, announced: Announced) -> None:
    """A failed discovery changes no status, and is retried."""
    announced("discovery.failed")
    desk.numbers = OutcomeUnknownError("page 2")
    desk.checks.start()
    desk.wait(PHONE, WELL)
    wait_until(lambda: desk.looked, 5, "the first look")
    desk.checks.refresh()
    wait_until(lambda: len(desk.looked) == 2, 5, "the second look")
    assert _of(desk.told[-1], PHONE) == WELL


def test_asked_again_with_growing_pauses(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contract, section 10: a failed account is checked again by itself, less and less often."""
    monkeypatch.setattr("twilio_binding.accounts.checks._PAUSES", (0.01, 0.02, 0.05))
    desk.answer = TwilioError("twilio_away", "no network", retryable=True)
    desk.checks.start()
    wait_until(lambda: len(desk.asked) >= 5, 5, "five questions")
    desk.answer = "active"
    desk.wait(PHONE, WELL)


def test_one_account_does_not_hurry_the_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contract, section 10: a failing account is checked again alone."""
    monkeypatch.setattr("twilio_binding.accounts.checks._PAUSES", (0.01,))
    bad = replace(_ACCOUNT, uid=ThingUID("twilio:account:bad"))
    desk.things.things = replace(THINGS, accounts={ACCOUNT_UID: _ACCOUNT, bad.uid: bad})
    desk.fail_for = bad.uid
    desk.checks.start()
    wait_until(lambda: desk.asked.count(bad.uid) >= 4, 5, "the bad account to be asked again and again")
    assert desk.asked.count(ACCOUNT_UID) == 1
    assert _of(desk.told[-1], PHONE) == WELL


def test_listener_that_fails(desk: Desk, announced: Announced) -> None:
    """A failing subscriber does not stop the checks."""
    announced("statuses.not_told")
    desk.fails = True
    desk.checks.start()
    desk.wait(PHONE, WELL)
    desk.checks.refresh()
    wait_until(lambda: len(desk.asked) == 2, 5, "the second question")


def test_stop_without_start(desk: Desk) -> None:
    """Stopping checks that never started returns immediately."""
    desk.checks.stop()


@pytest.mark.parametrize(
    ("phone", "contact"),
    [
        (ONLINE, ONLINE),
        (Status(), Status()),
        (misconfigured("not yours"), misconfigured(f"{PHONE} is offline: not yours")),
        (unreached("away"), unreached(f"{PHONE} is offline: away")),
    ],
)
def test_contacts_are_as_their_phone(desk: Desk, phone: Status, contact: Status) -> None:
    """A contact is online with its phone, and says why it is not; an alarm only needs the account."""
    ada = Contact(
        uid=ThingUID("twilio:contact:a:ada"), label="Ada", bridge=_ACCOUNT.uid, phone_number="+15557654321", phone=PHONE
    )
    fire = Alarm(uid=ThingUID("twilio:alarm:a:fire"), label="Fire", bridge=_ACCOUNT.uid, steps="text ada")
    desk.things.things = replace(THINGS, contacts={ada.uid: ada}, alarms={fire.uid: fire})
    statuses = desk.checks.statuses
    assert (statuses.of_contact(ada), statuses.of_alarm(fire)) == (Status(), Status())
    statuses.note_account(_ACCOUNT, misconfigured("wrong"))
    assert statuses.of_contact(ada).detail == statuses.of_alarm(fire).detail == "BRIDGE_OFFLINE"
    statuses.note_account(_ACCOUNT, ONLINE)
    statuses.note_phone(_ACCOUNT, THINGS.phones[PHONE], phone)
    assert (statuses.of_contact(ada), statuses.of_alarm(fire)) == (contact, ONLINE)
    doubtful = replace(fire, doubt="unknown contact eve")
    assert statuses.of_alarm(doubtful) == online("unknown contact eve")
    statuses.doubt_of_alarm = lambda _: "no script"
    assert statuses.of_alarm(doubtful) == online("unknown contact eve; no script")
    described = {thing["uid"]: thing for thing in statuses.describe()}
    assert (described[ada.uid]["bridgeUID"], described[ada.uid]["status"]) == (_ACCOUNT.uid, contact.status)
    assert len(described[ada.uid]["channels"]) == 7  # type: ignore[arg-type]
