"""What was not delivered or sent, and decisions of people about it."""

from __future__ import annotations

import json

import pytest

from twilio_binding.history.ports import NEWEST
from twilio_binding.model.events import Event
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.store import Database, SqliteJournal, SqliteOutbox
from twilio_binding.store.past import SqliteInterventions, SqliteUndone


def _record(journal: SqliteJournal, number: int, *, urgent: bool = False) -> int:
    event = Event(
        thing="t",
        channel="sms-received",
        payload=json.dumps({"n": number}),
        lifetime=1,
        sid_key=str(number),
        urgent=urgent,
    )
    return journal.record(event).id


def _people(store: Database, journal: SqliteJournal) -> SqliteInterventions:
    return SqliteInterventions(store, clock=lambda: 1.0, changed=journal.counts.clear)


def test_set_aside_with_its_reason(store: Database) -> None:
    """Set-aside events have a reason; a retry delivers one, and changes nothing else."""
    journal, undone = SqliteJournal(store), SqliteUndone(store)
    ids = [_record(journal, n) for n in range(3)]
    pending = journal.pending("openhab", urgent=False, limit=9)
    journal.delivered("openhab", pending, set_aside={ids[1]: "HTTP 413"}).result()
    assert [event.id for event in undone.events("openhab_aside", NEWEST, 9)] == [ids[1]]
    assert undone.reasons(ids) == {(ids[1], "openhab"): "HTTP 413"}
    assert journal.set_aside("openhab") == 1
    people = _people(store, journal)
    assert people.retry("openhab", ids[1])
    assert not people.retry("openhab", ids[0])
    assert journal.set_aside("openhab") == 0
    assert [one.id for one in journal.pending("openhab", urgent=False, limit=9)] == [ids[1]]


def test_given_up(store: Database) -> None:
    """A dropped event is not delivered to that lane, but to the other one; delivered ones stay so."""
    journal = SqliteJournal(store)
    first, second = _record(journal, 1), _record(journal, 2, urgent=True)
    people = _people(store, journal)
    assert people.give_up("openhab", first)
    assert not people.give_up("openhab", first)
    assert not people.give_up("openhab; DROP TABLE events", second)
    assert journal.pending("openhab", urgent=False, limit=9) == []
    assert [one.id for one in journal.pending("mqtt", urgent=False, limit=9)] == [first]
    assert people.retry("openhab", first)
    assert [event.id for event in SqliteUndone(store).events("openhab", NEWEST, 9)] == [second, first]


def test_all_at_once(store: Database) -> None:
    """All set-aside events are retried, or dropped, at once."""
    journal = SqliteJournal(store)
    ids = [_record(journal, n) for n in range(20)]
    journal.delivered(
        "mqtt", journal.pending("mqtt", urgent=False, limit=99), set_aside=dict.fromkeys(ids, "no")
    ).result()
    people = _people(store, journal)
    assert (people.retry_all("mqtt"), journal.backlog("mqtt")) == (20, 20)
    journal.delivered(
        "mqtt", journal.pending("mqtt", urgent=False, limit=99), set_aside=dict.fromkeys(ids, "no")
    ).result()
    assert (people.give_up_all("mqtt"), journal.backlog("mqtt"), journal.set_aside("mqtt")) == (20, 0, 0)


@pytest.mark.parametrize("ok", [True, False])
def test_sends(store: Database, *, ok: bool) -> None:
    """A request is open until it ends; those that failed are found, those that succeeded are not."""
    outbox, undone = SqliteOutbox(store), SqliteUndone(store)
    outbox.admit(Request(id="r", thing="t", action="sendSMS", args={"to": "+1"}), ["+1"])
    assert [send.request for send in undone.sends((NEWEST, -1), 9, failed=False)] == ["r"]
    outbox.closed("r", Reply(id="r", ok=ok, code="" if ok else "busy", message="" if ok else "too many"))
    assert undone.sends((NEWEST, -1), 9, failed=False) == []
    assert [send.problem for send in undone.sends((NEWEST, -1), 9, failed=True)] == ([] if ok else ["too many"])
    assert undone.send("r", 0) is not None and undone.send("r", 1) is None
