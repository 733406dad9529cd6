"""Recent sends that count towards the limits. Everything here is part of a write of the outbox."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from twilio_binding.model.limits import Limit
from twilio_binding.outgoing.ports import Booking

_ACCOUNT = "SELECT at FROM sends WHERE account = ? AND kind = ? AND at <= ? ORDER BY at DESC LIMIT 1 OFFSET ?"
_RECIPIENT = (
    "SELECT at FROM sends WHERE phone = ? AND recipient = ? AND kind = ? AND at <= ? ORDER BY at DESC LIMIT 1 OFFSET ?"
)
OLD = """
    DELETE FROM sends WHERE (request, part) IN (SELECT request, part FROM sends WHERE at < :before LIMIT :portion)
"""


def book(
    connection: sqlite3.Connection, booking: Booking, limits: Sequence[Limit], now: float
) -> tuple[Limit, float] | None:
    """Book a send, once; or return the reached limit, and when it is free again (seconds since 1970)."""
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
    return None


def release(connection: sqlite3.Connection, booking: Booking) -> None:
    """Undo a booking."""
    connection.execute("DELETE FROM sends WHERE request = ? AND part = ?", (booking.request, booking.part))


def _nth_newest(connection: sqlite3.Connection, booking: Booking, limit: Limit, now: float) -> float | None:
    latest, back = now + limit.seconds, limit.most - 1
    if limit.per_recipient:
        cursor = connection.execute(_RECIPIENT, (booking.phone, booking.recipient, booking.kind, latest, back))
    else:
        cursor = connection.execute(_ACCOUNT, (booking.account, booking.kind, latest, back))
    row = cursor.fetchone()
    return row[0] if row else None
