"""Contract, section 9: discovery of numbers that are not things yet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.outgoing.office import ACCOUNT_UID, PHONE, THINGS, KnownThings
from twilio_binding.accounts.discovery import Discovery
from twilio_binding.accounts.ports import Numbers
from twilio_binding.errors import OutcomeUnknownError
from twilio_binding.model.incoming_numbers import IncomingNumber, Rival, Settings
from twilio_binding.model.things import Account
from twilio_binding.model.uids import ThingUID

ACCOUNT = THINGS.accounts[ACCOUNT_UID]
SECOND = replace(ACCOUNT, uid=ThingUID("twilio:account:b"), account_sid="AC" + "2" * 32)


class Listed(Numbers):
    """Twilio with lists of numbers that the test controls."""

    def __init__(self) -> None:
        self.numbers: dict[str, list[str]] = {}

    def all(self, account: Account) -> list[IncomingNumber]:
        """The numbers of an account; without a list the search fails."""
        if account.uid not in self.numbers:
            raise OutcomeUnknownError("page 2")
        return [IncomingNumber(sid=f"PN{number}", phone_number=number) for number in self.numbers[account.uid]]

    def find(self, account: Account, phone_number: str) -> IncomingNumber | None:
        """Not used here."""
        raise NotImplementedError

    def read(self, account: Account, sid: str) -> IncomingNumber:
        """Not used here."""
        raise NotImplementedError

    def write(self, account: Account, sid: str, settings: Settings) -> None:
        """Not used here."""
        raise NotImplementedError

    def account_status(self, account: Account) -> str:
        """Not used here."""
        raise NotImplementedError

    def rivals(self, account: Account, number: IncomingNumber) -> list[Rival]:
        """Not used here."""
        raise NotImplementedError


class Desk:
    """A discovery, and what it published."""

    def __init__(self) -> None:
        self.things = KnownThings()
        self.twilio = Listed()
        self.told: list[list[str]] = []
        self.discovery = Discovery(self.things, self.twilio, on_change=self._change)

    def _change(self, entries: list[dict[str, Any]]) -> None:
        self.told.append([entry["thingUID"] for entry in entries])


@pytest.fixture
def desk() -> Desk:
    """A discovery before its first search."""
    return Desk()


def test_new_numbers(desk: Desk) -> None:
    """Every number that is not a thing is published, once."""
    desk.twilio.numbers[ACCOUNT_UID] = ["+15551234567", "+15550000001", "+15550000002"]
    assert len(desk.discovery.look(ACCOUNT)) == 2
    desk.discovery.look(ACCOUNT)
    assert desk.told == [["twilio:phone:a:15550000001", "twilio:phone:a:15550000002"]]


def test_numbers_that_vanish(desk: Desk) -> None:
    """Entries of numbers that are no longer on the account are removed."""
    desk.twilio.numbers[ACCOUNT_UID] = ["+15550000001", "+15550000002"]
    desk.discovery.look(ACCOUNT)
    desk.twilio.numbers[ACCOUNT_UID] = ["+15550000002"]
    desk.discovery.look(ACCOUNT)
    assert desk.told[-1] == ["twilio:phone:a:15550000002"]


def test_look_that_fails(desk: Desk) -> None:
    """A failed search removes nothing."""
    desk.twilio.numbers[ACCOUNT_UID] = ["+15550000001"]
    desk.discovery.look(ACCOUNT)
    del desk.twilio.numbers[ACCOUNT_UID]
    with pytest.raises(OutcomeUnknownError):
        desk.discovery.look(ACCOUNT)
    assert desk.told == [["twilio:phone:a:15550000001"]]


def test_nothing_is_told_before_the_first_look(desk: Desk) -> None:
    """The entries of an earlier process are not deleted by a start, but only by a search."""
    desk.discovery.tell()
    assert desk.told == []
    desk.twilio.numbers[ACCOUNT_UID] = []
    desk.discovery.look(ACCOUNT)
    assert desk.told == [[]]


def test_number_that_becomes_a_thing(desk: Desk) -> None:
    """A configured number leaves the inbox immediately, without asking Twilio."""
    desk.twilio.numbers[ACCOUNT_UID] = ["+15550000001"]
    desk.discovery.look(ACCOUNT)
    phone = replace(THINGS.phones[PHONE], uid=ThingUID("twilio:phone:a:new"), phone_number="+15550000001")
    desk.things.things = replace(THINGS, phones={**THINGS.phones, phone.uid: phone})
    desk.discovery.tell()
    desk.things.things = THINGS
    desk.discovery.tell()
    assert desk.told == [["twilio:phone:a:15550000001"], [], ["twilio:phone:a:15550000001"]]


def test_account_that_goes(desk: Desk) -> None:
    """The entries of an account that is no longer configured, or has another SID, are removed; others stay."""
    desk.things.things = replace(THINGS, accounts={ACCOUNT_UID: ACCOUNT, SECOND.uid: SECOND})
    desk.twilio.numbers = {ACCOUNT_UID: ["+15550000001"], SECOND.uid: ["+15550000002"]}
    desk.discovery.look(ACCOUNT)
    desk.discovery.look(SECOND)
    other = replace(ACCOUNT, account_sid="AC" + "3" * 32)
    desk.things.things = replace(THINGS, accounts={ACCOUNT_UID: other, SECOND.uid: SECOND})
    desk.discovery.tell()
    assert desk.told[1:] == [
        ["twilio:phone:a:15550000001", "twilio:phone:b:15550000002"],
        ["twilio:phone:b:15550000002"],
    ]
