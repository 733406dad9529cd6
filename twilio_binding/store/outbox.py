"""Requests for sends, stored before Twilio is asked."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from twilio_binding.model.limits import DAY, Limit
from twilio_binding.outgoing.ports import Booking, Part, Sent, Stored
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.store import bookings, peers, tallies
from twilio_binding.store.database import Database
from twilio_binding.store.errors import DatabaseClosedError
from twilio_binding.store.sweep import sweep

_REQUEST = "SELECT id, thing, action, args, reply_to, deadline, reply FROM requests WHERE id = ?"
_CLOSE = "UPDATE requests SET reply = ? WHERE id = ?"
_MEDIA = "createMediaUrl"
"""Replaces the action of a request that created a media URL, of which nothing else is known here."""
_PARTS = "SELECT number, recipient, asked, looks, outcome FROM parts WHERE request = ? ORDER BY number"
_OLD = """
    DELETE FROM requests WHERE id IN
    (SELECT id FROM requests WHERE stored < :before AND reply IS NOT NULL LIMIT :portion)
"""
_PORTION = 50
"""Requests deleted in one transaction, each with its parts, mostly one or a few."""


class SqliteOutbox:
    """The outbox in SQLite. `clock` is in seconds since 1970."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def admit(self, request: Request, recipients: Sequence[str]) -> Stored:
        """Store a request, or return the one with the same id, of any action; on disk when this returns."""
        return self.enter(request, recipients).result()

    def enter(self, request: Request, recipients: Sequence[str], *, urgent: bool = False) -> Future[Stored]:
        """Like `admit`, without waiting: simultaneous requests are stored together."""
        now = self._clock()
        row = (
            request.id,
            request.thing,
            request.action,
            json.dumps(request.args),
            request.reply_to,
            request.deadline,
            now,
        )

        def write(connection: sqlite3.Connection) -> Stored:
            if connection.execute("SELECT 1 FROM media WHERE request = ?", (request.id,)).fetchone():
                return Stored(request=Request(thing=request.thing, action=_MEDIA, id=request.id), parts=(), new=False)
            sql = "INSERT OR IGNORE INTO requests VALUES (?, ?, ?, ?, ?, ?, ?, NULL)"
            new = connection.execute(sql, row).rowcount == 1
            if not new:
                found = connection.execute(_REQUEST, (request.id,)).fetchone()
                return _stored(found, connection.execute(_PARTS, (request.id,)).fetchall())
            parts = tuple(Part(number=number, to=to) for number, to in enumerate(recipients))
            sql = "INSERT INTO parts (request, number, recipient, stored) VALUES (?, ?, ?, ?)"
            connection.executemany(sql, [(request.id, part.number, part.to, now) for part in parts])
            peers.note_send(connection, request.thing, recipients, now)
            return Stored(request=request, parts=parts)

        return self._database.enter(write, haste="urgent" if urgent else "next")

    def ask(self, booking: Booking, limits: Sequence[Limit], *, now: float, asked: float) -> tuple[Limit, float] | None:
        """Book a send, once, and note that Twilio is `asked` now; on disk when this returns.

        If a limit is reached, nothing is stored; returns the limit, and when it is free again (seconds since 1970).
        """
        sql = "UPDATE parts SET asked = ?, looks = 0 WHERE request = ? AND number = ?"

        def write(connection: sqlite3.Connection) -> tuple[Limit, float] | None:
            exceeded = bookings.book(connection, booking, limits, now)
            if exceeded is None:
                connection.execute(sql, (asked, booking.request, booking.part))
            return exceeded

        return self._database.write(write)

    def looked(self, request_id: str, part: int, looks: int) -> None:
        """Store soon the number of look-ups since then; if it is lost, one more look-up is made."""
        sql = "UPDATE parts SET looks = ? WHERE request = ? AND number = ?"
        with suppress(DatabaseClosedError):
            self._database.write_later(lambda connection: connection.execute(sql, (looks, request_id, part)))

    def settled(self, booking: Booking, outcome: Sent | Reply, *, counts: bool, reply: Reply | None = None) -> None:
        """Store the outcome for one recipient and, with `reply`, the end of the request; if it `counts`, it stays booked.

        On disk when this returns.
        """
        sql = "UPDATE parts SET sid = ?, outcome = ? WHERE request = ? AND number = ?"
        sid = outcome.sid if isinstance(outcome, Sent) else None
        row = (sid, _write_outcome(outcome), booking.request, booking.part)
        end = (reply.encode().decode(), booking.request) if reply is not None else None

        def write(connection: sqlite3.Connection) -> None:
            if not counts:
                bookings.release(connection, booking)
            connection.execute(sql, row)
            tallies.count_outcome(connection, outcome)
            if end is not None:
                connection.execute(_CLOSE, end)

        self._database.write(write)

    def closed(self, request_id: str, reply: Reply) -> None:
        """Store the end of a request, on disk."""
        end = (reply.encode().decode(), request_id)
        self._database.write(lambda connection: connection.execute(_CLOSE, end))

    def unfinished(self) -> Sequence[Stored]:
        """Unfinished requests of earlier processes, oldest first."""
        rows = self._database.read("SELECT id FROM requests WHERE reply IS NULL ORDER BY stored")
        found = (self.find(request_id) for (request_id,) in rows)
        return [stored for stored in found if stored is not None]

    def find(self, request_id: str) -> Stored | None:
        """The request with this id; None if there is none."""
        rows = self._database.read(_REQUEST, (request_id,))
        return _stored(rows[0], self._database.read(_PARTS, (request_id,))) if rows else None

    def is_claimed(self, sid: str) -> bool:
        """Whether a message or call at Twilio already belongs to a request."""
        return bool(self._database.read("SELECT 1 FROM parts WHERE sid = ?", (sid,)))

    def forget(self, *, older_than: float) -> int:
        """Delete finished requests older than so many seconds, and bookings too old to count; returns the number of requests."""
        now = self._clock()
        sweep(self._database, bookings.OLD, before=now - 2 * DAY)
        return sweep(self._database, _OLD, portion=_PORTION, before=now - older_than)


def _stored(row: tuple[Any, ...], parts: list[tuple[Any, ...]]) -> Stored:
    """A request that was stored before."""
    request_id, thing, action, args, reply_to, deadline, reply = row
    return Stored(
        request=Request(
            id=request_id, thing=thing, action=action, args=json.loads(args), reply_to=reply_to, deadline=deadline
        ),
        parts=tuple(
            Part(number=number, to=to, asked=asked, looks=looks, outcome=_read_outcome(outcome))
            for number, to, asked, looks, outcome in parts
        ),
        new=False,
        reply=Reply.decode(reply) if reply is not None else None,
    )


def _write_outcome(outcome: Sent | Reply) -> str:
    if isinstance(outcome, Reply):
        return outcome.encode().decode()
    return json.dumps({"sid": outcome.sid, "status": outcome.status, "segments": outcome.segments})


def _read_outcome(text: str | None) -> Sent | Reply | None:
    if text is None:
        return None
    body = json.loads(text)
    return Sent(**body) if "sid" in body else Reply.decode(text)
