"""What people read of journal and outbox."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from typing import get_args

import pytest

from twilio_binding.history.calls import CallCursor, Calls
from twilio_binding.history.conversations import Conversations, Cursor
from twilio_binding.history.ports import NEWEST, Pile
from twilio_binding.model.events import Event
from twilio_binding.outgoing.ports import Booking, Sent
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.store import Database, SqliteJournal, SqliteOutbox
from twilio_binding.store.migrations import MIGRATIONS
from twilio_binding.store.past import (
    SqliteInterventions,
    SqlitePastEvents,
    SqlitePastSends,
    SqlitePeers,
    SqliteTallies,
    SqliteUndone,
)
from twilio_binding.store.schema import migrate

_SOMEBODY = "+15559876543"


def _wall(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def _event(channel: str, key: str = "", **payload: object) -> Event:
    sender = str(payload.get("from", "")) if channel.endswith("-received") else ""
    return Event(thing="t", channel=channel, payload=json.dumps(payload), lifetime=1, sid_key=key, sender=sender)


def _talks(store: Database) -> Conversations:
    return Conversations(SqlitePeers(store), SqlitePastEvents(store), SqlitePastSends(store), wall=_wall)


def _send(
    store: Database, request_id: str, to: list[str], *, action: str = "sendSMS", outcome: Sent | Reply | None = None
) -> None:
    outbox = SqliteOutbox(store)
    outbox.admit(Request(id=request_id, thing="t", action=action, args={"to": to, "message": f"m {request_id}"}), to)
    for part, number in enumerate(to):
        booking = Booking(request=request_id, part=part, account="a", phone="t", recipient=number, kind="message")
        if outcome is not None:
            outbox.settled(booking, outcome, counts=True)


def test_both_directions_in_parts(store: Database) -> None:
    """A conversation is read in parts, without gaps and duplicates, whatever is mixed in it."""
    journal = SqliteJournal(store)
    expected = []
    for n in range(30):
        if n % 3:
            journal.record(_event("sms-received", f"k{n}", **{"from": _SOMEBODY, "body": f"m {n}"}))
            journal.record(_event("sms-received", f"o{n}", **{"from": "+15550000000", "body": "other"}))
        else:
            _send(store, str(n), [_SOMEBODY, "+15550000000"])
        expected.append(f"m {n}")
    talks = _talks(store)
    peer = next(peer for peer in SqlitePeers(store).newest((NEWEST, NEWEST), 9) if peer.number == _SOMEBODY)
    seen: list[str] = []
    cursor: Cursor | None = Cursor()
    while cursor is not None:
        part = talks.of(peer, cursor, 4)
        seen += [entry.text for entry in part.entries]
        cursor = part.older
    assert seen[::-1] == expected


def test_numbers_of_one_moment(store: Database) -> None:
    """Numbers that were written to at the same time are all listed, in parts."""
    _send(store, "r", [f"+1555000{n:04}" for n in range(50)])
    seen: list[str] = []
    before: tuple[float, float] | None = (NEWEST, NEWEST)
    while before is not None:
        summaries, before = _talks(store).newest(before, 7)
        seen += [one.peer.number for one in summaries]
    assert sorted(seen) == [f"+1555000{n:04}" for n in range(50)]


def test_calls_of_one_request(store: Database) -> None:
    """A request that calls many numbers is listed in parts, too, with incoming calls in between."""
    _send(store, "r", [f"+1555000{n:04}" for n in range(9)], action="makeCall")
    SqliteJournal(store).record(_event("call-received", callSid="CA1", **{"from": _SOMEBODY}))
    calls = Calls(SqlitePastEvents(store), SqlitePastSends(store), wall=_wall)
    seen: list[str] = []
    cursor: CallCursor | None = CallCursor()
    while cursor is not None:
        found, cursor = calls.newest(cursor, 2)
        seen += [one.number for one in found]
    assert seen == [_SOMEBODY, *(f"+1555000{n:04}" for n in range(9))]


@pytest.mark.parametrize(
    ("statuses", "furthest", "reason"),
    [
        (["sent", "delivered"], "delivered", ""),
        (["delivered", "sent"], "delivered", ""),
        (["read", "delivered", "sent"], "read", ""),
        (["undelivered", "sent"], "undelivered", "the number is not in use (Twilio error 30005)"),
        ([], "queued", ""),
        (["something new"], "queued", ""),
    ],
)
def test_ticks(store: Database, statuses: list[str], furthest: str, reason: str) -> None:
    """The latest status stays, in any order of arrival; a failure has Twilio's reason."""
    _send(store, "r", [_SOMEBODY], outcome=Sent(sid="SM1", status="queued"))
    for status in statuses:
        more = {"errorCode": "30005", "errorMeaning": "the number is not in use"} if status == "undelivered" else {}
        SqliteJournal(store).record(_event("message-status", status, messageSid="SM1", messageStatus=status, **more))
    talks = _talks(store)
    (entry,) = talks.of(SqlitePeers(store).newest((NEWEST, NEWEST), 1)[0], Cursor(), 9).entries
    assert entry.delivered is not None
    assert (entry.delivered.status, entry.delivered.reason) == (furthest, reason)


def test_refused(store: Database) -> None:
    """What Twilio refused says why; so does a request that was refused as a whole."""
    refusal = Reply(id="r", ok=False, code="twilio.21211", message="this number cannot be reached")
    _send(store, "r", [_SOMEBODY], outcome=refusal)
    _send(store, "s", [_SOMEBODY])
    SqliteOutbox(store).closed("s", Reply(id="s", ok=False, code="unknown_thing", message="there is no phone"))
    entries = _talks(store).of(SqlitePeers(store).newest((NEWEST, NEWEST), 1)[0], Cursor(), 9).entries
    assert [one.delivered.reason for one in entries if one.delivered] == ["there is no phone", refusal.message]


@pytest.mark.parametrize("payload", ["", "[]", '"x"', "{", "null", '{"from": 7}', '{"from": null, "mediaUrls": 3}'])
def test_odd_payloads(store: Database, payload: str) -> None:
    """Whatever a payload is, it is stored, and read."""
    SqliteJournal(store).record(Event(thing="t", channel="sms-received", payload=payload, lifetime=1))
    for peer in SqlitePeers(store).newest((NEWEST, NEWEST), 9):
        _talks(store).of(peer, Cursor(), 9)
    _talks(store).search("x", Cursor())


def test_search_has_an_end(store: Database) -> None:
    """A search reads a limited part, and continues from there until the end."""
    store.write(
        lambda connection: connection.executemany(
            "INSERT INTO events (id, thing, received, lifetime, urgent, states, channel, payload) VALUES (?, 't', ?, 1, 0, '[]', 'sms-received', ?)",
            [(n, n, json.dumps({"from": _SOMEBODY, "body": f"TEXT {n}"})) for n in range(1, 12_001)],
        )
    )
    found: list[str] = []
    parts = 0
    cursor: Cursor | None = Cursor()
    while cursor is not None:
        part = _talks(store).search("text 1200", cursor)
        found += [entry.text for entry in part.entries]
        parts, cursor = parts + 1, part.older
    assert found == ["TEXT 12000", "TEXT 1200"]
    assert parts == 3


def test_search_for_a_frequent_word(store: Database) -> None:
    """It shows short parts; together they have each text once, also one to many recipients."""
    journal, many = SqliteJournal(store), [f"+1555{n:07}" for n in range(60)]
    for n in range(90):
        journal.record(_event("sms-received", f"k{n}", **{"from": _SOMEBODY, "body": f"m {n}"}))
        if n % 30 == 0:
            _send(store, f"to many {n}", many)
    found: list[tuple[str, str]] = []
    cursor: Cursor | None = Cursor()
    while cursor is not None:
        part = _talks(store).search("m ", cursor)
        assert len(part.entries) <= 100
        found += [(entry.number, entry.text) for entry in part.entries]
        cursor = part.older
    expected = [(_SOMEBODY, f"m {n}") for n in range(90)]
    expected += [(number, f"m to many {n}") for number in many for n in (0, 30, 60)]
    assert sorted(found) == sorted(expected)


def test_every_read_has_an_index(store: Database) -> None:
    """No page reads a whole table, however much is stored."""
    statements: list[tuple[str, tuple[object, ...]]] = []
    read = store.read

    class Traced:
        def read(self, sql: str, parameters: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
            statements.append((sql, parameters))
            return read(sql, parameters)

    traced: Database = Traced()  # type: ignore[assignment]  # only reads
    _send(store, "r", [_SOMEBODY], outcome=Sent(sid="SM1", status="queued"))
    SqliteJournal(store).record(_event("call-received", callSid="CA1", **{"from": _SOMEBODY}))
    talks = _talks(traced)
    talks.newest((NEWEST, NEWEST), 5)
    talks.search("x", Cursor())
    calls = Calls(SqlitePastEvents(traced), SqlitePastSends(traced), wall=_wall)
    calls.newest(CallCursor(), 5)
    calls.story("CA1")
    undone = SqliteUndone(traced)
    for pile in get_args(Pile):
        undone.events(pile, NEWEST, 5)
        undone.count(pile)
    for failed in (True, False):
        undone.sends((NEWEST, -1), 5, failed=failed)
    undone.reasons([1])
    undone.send("r", 0)
    SqliteTallies(traced).since(0)
    assert len(statements) > 9
    for sql, parameters in statements:
        plan = [str(row[3]) for row in read(f"EXPLAIN QUERY PLAN {sql}", parameters)]
        scans = [step for step in plan if step.startswith("SCAN") and "json_each" not in step and " USING " not in step]
        assert not scans, (sql, plan)


def test_replay(store: Database) -> None:
    """A replayed event is a new one, to be delivered; a missing one is not replayed."""
    first = SqliteJournal(store).record(_event("sms-received", "k", **{"from": _SOMEBODY})).id
    woken: list[None] = []
    people = SqliteInterventions(store, clock=lambda: 1.0, changed=lambda: woken.append(None))
    again = people.replay(first)
    assert again is not None and again > first
    assert [one.id for one in SqliteJournal(store).pending("mqtt", urgent=False, limit=9)] == [first, again]
    assert people.replay(7) is None
    assert woken == [None, None]


def test_older_database() -> None:
    """What an older version wrote has its numbers and counts after the migration."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    older = next(n for n, script in enumerate(MIGRATIONS) if "CREATE TABLE peers" in script)
    for script in MIGRATIONS[:older]:
        connection.executescript(script)
    connection.execute(f"PRAGMA user_version = {older}")
    event = "INSERT INTO events (thing, received, lifetime, urgent, states, channel, payload) VALUES ('t', ?, 1, 0, '', ?, ?)"
    connection.execute(event, (10.0, "sms-received", json.dumps({"from": _SOMEBODY})))
    connection.execute(event, (11.0, "sms-received", "{"))
    connection.execute("INSERT INTO requests VALUES ('r', 'u', 'sendSMS', '{}', '', 0, 20.0, NULL)")
    connection.execute(
        "INSERT INTO parts (request, number, recipient) VALUES ('r', 0, ?), ('r', 1, '+1')", (_SOMEBODY,)
    )
    migrate(connection)
    assert connection.execute("SELECT number, thing, last FROM peers ORDER BY number").fetchall() == [
        ("+1", "u", 20.0),
        (_SOMEBODY, "u", 20.0),
    ]
    assert connection.execute("SELECT DISTINCT stored FROM parts").fetchall() == [(20.0,)]
    connection.close()
