"""Contract, section 9: numbers that are not things yet, as entries of openHAB's inbox."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.outgoing.office import ACCOUNT_UID, THINGS
from twilio_binding.dsl import parse_things
from twilio_binding.model import inbox
from twilio_binding.model.configuration import load_things
from twilio_binding.model.incoming_numbers import IncomingNumber
from twilio_binding.model.things import BrokenThing

ACCOUNT = THINGS.accounts[ACCOUNT_UID]
FOUND = IncomingNumber(sid="PN1", phone_number="+4930123456", friendly_name="My number")
BRIDGE = f'Bridge {ACCOUNT_UID} [ accountSid="AC{"1" * 32}", authToken="x" ]\n'


def test_entry() -> None:
    """An entry has the fields of openHAB's inbox: id without other characters, label, number and bridge."""
    (entry,) = inbox.entries(ACCOUNT, [FOUND], THINGS)
    assert entry == {
        "thingUID": "twilio:phone:a:4930123456",
        "thingTypeUID": "twilio:phone",
        "bridgeUID": ACCOUNT_UID,
        "label": "Twilio: My number",
        "properties": {"phoneNumber": "+4930123456"},
        "representationProperty": "phoneNumber",
        "flag": "NEW",
        "line": 'Thing twilio:phone:a:4930123456 "Twilio: My number" (twilio:account:a) [ phoneNumber="+4930123456" ]',
    }


def test_without_a_name() -> None:
    """Without a friendly name the label has the number."""
    (entry,) = inbox.entries(ACCOUNT, [replace(FOUND, friendly_name=" ")], THINGS)
    assert entry["label"] == "Twilio: +4930123456"


@pytest.mark.parametrize("name", ['"quoted"', "back\\slash", "two\nlines", "❤ ] }", "'single'", "\\", '\\"'])
def test_line_can_be_copied(name: str) -> None:
    """The line creates the thing, whatever the friendly name contains."""
    (entry,) = inbox.entries(ACCOUNT, [replace(FOUND, friendly_name=name)], THINGS)
    things, problems = load_things(parse_things(BRIDGE + str(entry["line"]), "x.things"))
    assert not problems
    phone = things.phones[str(entry["thingUID"])]
    assert (phone.phone_number, phone.bridge) == ("+4930123456", ACCOUNT_UID)
    assert phone.label == f"Twilio: {' '.join(name.split())}"


def test_numbers_that_are_things() -> None:
    """A number of a thing, of an unusable thing, or of a thing of another account is not in the inbox."""
    own = next(iter(THINGS.phones.values()))
    broken = BrokenThing(uid="twilio:phone:a:x", label="X", reason="responseTimeout", phone_number="+15550000001")
    numbers = [FOUND, *(replace(FOUND, phone_number=number) for number in (own.phone_number, "+15550000001"))]
    found = inbox.entries(ACCOUNT, numbers, replace(THINGS, broken=(broken,)))
    assert [entry["properties"] for entry in found] == [{"phoneNumber": "+4930123456"}]


def test_uid_that_is_a_thing() -> None:
    """A number whose UID belongs to a thing with another number is not in the inbox, because it could not become a thing."""
    (entry,) = inbox.entries(ACCOUNT, [FOUND], THINGS)
    uid = ACCOUNT.uid.child("phone", "4930123456")
    assert entry["thingUID"] == uid
    other = replace(next(iter(THINGS.phones.values())), uid=uid, phone_number="+4930999999")
    assert inbox.entries(ACCOUNT, [FOUND], replace(THINGS, phones={uid: other})) == []
    broken = BrokenThing(uid=uid, label="X", reason="phoneNumber", phone_number="0123")
    assert inbox.entries(ACCOUNT, [FOUND], replace(THINGS, broken=(broken,))) == []
