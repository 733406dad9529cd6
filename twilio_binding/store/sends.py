"""What was sent lately, and who does not want to be sent to."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from twilio_binding.model.limits import DAY, Limit
from twilio_binding.model.opt_outs import OptOut
from twilio_binding.outgoing.ports import Booking
from twilio_binding.store.database import Database

_ACCOUNT = "SELECT at FROM sends WHERE account = ? AND kind = ? AND at <= ? ORDER BY at DESC LIMIT 1 OFFSET ?"
_RECIPIENT = (
    "SELECT at FROM sends WHERE phone = ? AND recipient = ? AND kind = ? AND at <= ? ORDER BY at DESC LIMIT 1 OFFSET ?"
)


class SqliteLedger:
    """The bookings of sends. Counting and booking are one transaction, so that no two share the last place."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def book(self, booking: Booking, limits: Sequence[Limit], now: float) -> tuple[Limit, float] | None:
        """Book a send, once; or tell the limit that is reached, and when it is free again (epoch seconds)."""

        def write(connection: sqlite3.Connection) -> tuple[Limit, float] | None:
            sql = "SELECT 1 FROM sends WHERE request = ? AND part = ?"
            if connection.execute(sql, (booking.request, booking.part)).fetchone():
                return None
            exceeded = [
                (limit, free_at)
                for limit in limits
                if (free_at := limit.free_at(_nth_newest(connection, booking, limit, now), now)) is not None
            ]
            if exceeded:
                return max(exceeded, key=lambda one: one[1])
            row = (booking.request, booking.part, booking.account, booking.phone, booking.recipient, booking.kind, now)
            connection.execute("INSERT INTO sends VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            connection.execute("DELETE FROM sends WHERE at < ?", (now - 2 * DAY,))
            return None

        return self._database.write(write)

    def release(self, booking: Booking) -> None:
        """Take a booking back."""
        sql = "DELETE FROM sends WHERE request = ? AND part = ?"
        self._database.write(lambda connection: connection.execute(sql, (booking.request, booking.part)))


class SqliteOptOuts:
    """Who opted out, by our number and theirs, both as Twilio writes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, sender: str, recipient: str) -> OptOut | None:
        """What is known of the pair."""
        sql = "SELECT at, by_stop FROM opt_outs WHERE sender = ? AND recipient = ?"
        rows = self._database.read(sql, (sender, recipient))
        return OptOut(rows[0][0], by_stop=bool(rows[0][1])) if rows else None

    def put(self, sender: str, recipient: str, opt_out: OptOut | None) -> None:
        """Remember or, with None, forget it; on disk when this returns."""
        pair = (sender, recipient)

        def write(connection: sqlite3.Connection) -> None:
            if opt_out is None:
                connection.execute("DELETE FROM opt_outs WHERE sender = ? AND recipient = ?", pair)
                return
            row = (*pair, opt_out.at, opt_out.by_stop)
            connection.execute("INSERT OR REPLACE INTO opt_outs VALUES (?, ?, ?, ?)", row)

        self._database.write(write)


def _nth_newest(connection: sqlite3.Connection, booking: Booking, limit: Limit, now: float) -> float | None:
    latest, back = now + limit.seconds, limit.most - 1
    if limit.per_recipient:
        cursor = connection.execute(_RECIPIENT, (booking.phone, booking.recipient, booking.kind, latest, back))
    else:
        cursor = connection.execute(_ACCOUNT, (booking.account, booking.kind, latest, back))
    row = cursor.fetchone()
    return row[0] if row else None
