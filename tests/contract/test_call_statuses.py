"""`last-call-status` is the status of the newest call, in whatever order Twilio's callbacks come."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.contract.house import PHONE, House
from tests.sids import sid

_FINAL = ("completed", "busy", "failed", "no-answer", "canceled")


def status(house: House, call: str, value: str, **more: str) -> None:
    """Send a status of a call."""
    fields = {"CallSid": call, "CallStatus": value, "From": "+15550001111", "To": "+15551234567", **more}
    assert house.post("status", fields).status == 200


def ring(house: House, call: str, value: str = "ringing") -> None:
    """A call comes in; nobody answers it."""
    assert house.post("voice", {"CallSid": call, "CallStatus": value, "From": "+15550001111"}).status == 200


def deliver(house: House, *, urgent: bool) -> list[str]:
    """Deliver waiting calls or the rest to openHAB; returns the statuses that its item gets, in order."""
    deliveries = house.journal.pending("openhab", urgent=urgent, limit=100)
    house.journal.delivered("openhab", deliveries).result()
    states = [state for delivery in deliveries for state in delivery.event.states]
    return [value for channel, value in states if channel == "last-call-status"]


def told(house: House) -> list[str]:
    """The statuses that rules get, in the waiting events."""
    return [json.loads(event.payload)["callStatus"] for event in house.events()]


@pytest.mark.parametrize("final", _FINAL)
@pytest.mark.parametrize("late", ["queued", "initiated", "ringing", "in-progress", *_FINAL[:1], "", "new-in-2027"])
def test_a_final_status_is_never_moved_back(house: House, final: str, late: str) -> None:
    """After the end of a call, none of its statuses reaches the state; rules still get them."""
    status(house, sid("CA", 1), final, SequenceNumber="3")
    status(house, sid("CA", 1), late, SequenceNumber="2")
    assert told(house) == [final, late]
    assert set(deliver(house, urgent=False)) == {final}


def test_a_status_never_falls_back(house: House) -> None:
    """Before its end, too, a call never gets an earlier status."""
    for value in ("initiated", "in-progress", "ringing", "completed"):
        status(house, sid("CA", 1), value)
    assert deliver(house, urgent=False) == ["initiated", "in-progress", "completed"]


def test_a_new_call_is_shown(house: House) -> None:
    """The end of a call does not hide the next one, incoming or outgoing."""
    ring(house, sid("CA", 1))
    status(house, sid("CA", 1), "completed")
    assert deliver(house, urgent=True) + deliver(house, urgent=False) == ["completed"]
    ring(house, sid("CA", 2))
    assert deliver(house, urgent=True) == ["ringing"]
    status(house, sid("CA", 3), "initiated")
    assert deliver(house, urgent=False) == ["initiated"]


def test_a_late_status_of_an_older_call_does_not_hide_the_new_one(house: House) -> None:
    """With two simultaneous calls, the state is that of the newer one."""
    ring(house, sid("CA", 1))
    assert deliver(house, urgent=True) == ["ringing"]
    ring(house, sid("CA", 2))
    status(house, sid("CA", 1), "completed")
    status(house, sid("CA", 2), "in-progress")
    status(house, sid("CA", 1), "in-progress")
    assert deliver(house, urgent=False) == ["in-progress"]


def test_a_waiting_end_of_the_last_call_does_not_hide_the_new_one(house: House) -> None:
    """After an outage of openHAB, calls are delivered before statuses; waiting statuses of an older call do not follow."""
    status(house, sid("CA", 1), "in-progress")
    status(house, sid("CA", 1), "completed")
    ring(house, sid("CA", 2))
    assert deliver(house, urgent=True) == ["ringing"]
    assert deliver(house, urgent=False) == []


def test_a_waiting_call_does_not_move_its_own_end_back(house: House) -> None:
    """After an outage, the end of a call may be delivered before its beginning."""
    ring(house, sid("CA", 1))
    status(house, sid("CA", 1), "completed")
    assert deliver(house, urgent=False) == ["completed"]
    assert deliver(house, urgent=True) == []


def test_it_holds_over_a_restart(tmp_path: Path) -> None:
    """Statuses that an earlier process stored still count."""
    with House(tmp_path) as house:
        status(house, sid("CA", 1), "completed")
        assert deliver(house, urgent=False) == ["completed"]
    with House(tmp_path) as house:
        status(house, sid("CA", 1), "in-progress")
        assert deliver(house, urgent=False) == []


def test_a_copy_changes_nothing(house: House) -> None:
    """The same status twice is one event, with its state."""
    status(house, sid("CA", 1), "ringing", SequenceNumber="1")
    status(house, sid("CA", 1), "ringing", SequenceNumber="1")
    assert deliver(house, urgent=False) == ["ringing"]


def test_a_recording_tells_of_no_status(house: House) -> None:
    """A callback without CallStatus leaves the state of a known call."""
    status(house, sid("CA", 1), "in-progress")
    assert house.post("status", {"CallSid": sid("CA", 1), "RecordingSid": "RE1"}).status == 200
    assert deliver(house, urgent=False) == ["in-progress"]


def test_phones_have_their_own_calls(house: House) -> None:
    """Other phones' calls do not count, and old ones are deleted with the events."""
    status(house, sid("CA", 1), "completed")
    deliver(house, urgent=False)
    house.journal.delivered("mqtt", house.journal.pending("mqtt", urgent=False, limit=10)).result()
    house.journal.forget(older_than=-1)
    assert house.database.read("SELECT count(*) FROM calls WHERE thing = ?", (PHONE,)) == [(0,)]
