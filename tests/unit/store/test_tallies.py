"""Counts by the hour."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from twilio_binding.clock import local_hour, local_now
from twilio_binding.history.figures import FiguresByTime
from twilio_binding.model.events import Event
from twilio_binding.outgoing.ports import Booking, Sent
from twilio_binding.protocol.replies import Reply
from twilio_binding.store import Database, SqliteJournal, SqliteOutbox
from twilio_binding.store.past import SqliteTallies


def _event(channel: str, key: str, **payload: str) -> Event:
    return Event(thing="t", channel=channel, payload=json.dumps(payload), lifetime=1, sid_key=key)


def test_events(store: Database) -> None:
    """Texts and calls count once, also over a limit; of statuses only those of undelivered texts."""
    journal = SqliteJournal(store)
    for event in (_event("sms-received", "1"), _event("sms-received", "1"), _event("whatsapp-received", "2")):
        journal.record(event)
    journal.record(_event("sms-received", "3"), limited=True)
    journal.record(_event("call-received", "4"))
    journal.record(_event("message-status", "5", messageStatus="delivered"))
    journal.record(_event("message-status", "6", messageStatus="undelivered"))
    today = FiguresByTime(SqliteTallies(store), now=local_now).today()
    assert today.counts == {"texts_in": 3, "calls_in": 1, "failed": 1}


def test_sends(store: Database) -> None:
    """Sends count with their segments, calls apart, failures too."""
    outbox = SqliteOutbox(store)
    booking = Booking(request="r", part=0, account="a", phone="p", recipient="+1", kind="message")
    outbox.settled(booking, Sent(sid="SM1", status="queued", segments=3), counts=True)
    outbox.settled(booking, Sent(sid="SM2", status="queued"), counts=True)
    outbox.settled(booking, Sent(sid="CA1", status="queued"), counts=True)
    outbox.settled(booking, Reply(id="r", ok=False, code="x"), counts=False)
    today = FiguresByTime(SqliteTallies(store), now=local_now).today()
    assert today.counts == {"texts_out": 2, "segments": 4, "calls_out": 1, "failed": 1}


def test_hours_and_days(store: Database) -> None:
    """Each hour and each day has its own figures, also empty ones; the future does not count."""
    now = datetime(2026, 3, 1, 10, 30).astimezone()
    rows = [
        (local_hour(now + timedelta(hours=ago)), "texts_in", n)
        for ago, n in ((0, 1), (-1, 2), (-11, 4), (-30, 8), (5, 9))
    ]
    store.write(lambda connection: connection.executemany("INSERT INTO tallies VALUES (?, ?, ?)", rows))
    figures = FiguresByTime(SqliteTallies(store), now=lambda: now)
    assert [one.of("texts_in") for one in figures.hours(3)] == [0, 2, 1]
    assert [one.of("texts_in") for one in figures.days(3)] == [0, 12, 12]
    assert figures.hours(2)[0].begin.isoformat() == "2026-03-01T09:00:00"
