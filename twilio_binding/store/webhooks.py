"""Stores the webhooks of numbers before we changed them."""

from __future__ import annotations

import json
import sqlite3

from twilio_binding.accounts.ports import Kept
from twilio_binding.model.incoming_numbers import Settings, same
from twilio_binding.store.database import Database

_SELECT = "SELECT before, wrote, confirmed, left_alone FROM number_webhooks WHERE number = ?"


class SqliteKeptWebhooks:
    """The memory of numbers' webhooks in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, number_sid: str) -> Kept | None:
        """The stored webhooks of a number; None if the service never changed them."""
        rows = self._database.read(_SELECT, (number_sid,))
        return _kept(*rows[0]) if rows else None

    def keep(self, number_sid: str, *, before: Settings, wrote: Settings) -> None:
        """Store the values that are about to be overwritten, unless we wrote them ourselves."""

        def write(connection: sqlite3.Connection) -> None:
            row = connection.execute(_SELECT, (number_sid,)).fetchone()
            kept = _kept(*row) if row else Kept(before={}, wrote={})
            # While it is not known whether our last write arrived, what is there now may be older than us or ours.
            foreign = {
                name: value
                for name, value in before.items()
                if name not in kept.before or (kept.confirmed and not same(value, kept.wrote.get(name, "")))
            }
            texts = (json.dumps({**kept.before, **foreign}), json.dumps({**kept.wrote, **wrote}))
            sql = """INSERT INTO number_webhooks (number, before, wrote) VALUES (?, ?, ?)
                     ON CONFLICT DO UPDATE SET before = excluded.before, wrote = excluded.wrote, confirmed = 0"""
            connection.execute(sql, (number_sid, *texts))

        self._database.write(write)

    def confirm(self, number_sid: str) -> None:
        """Store that Twilio has our values."""
        sql = "UPDATE number_webhooks SET confirmed = 1 WHERE number = ?"
        self._database.write(lambda connection: connection.execute(sql, (number_sid,)))

    def leave_alone(self, number_sid: str, *, leave: bool) -> None:
        """Store whether the service must not change the number."""
        # Meanwhile only others changed it, so the current values are older than our next write.
        sql = "UPDATE number_webhooks SET confirmed = max(confirmed, left_alone), left_alone = ? WHERE number = ?"
        self._database.write(lambda connection: connection.execute(sql, (leave, number_sid)))


def _kept(before: str, wrote: str, confirmed: int, left_alone: int) -> Kept:
    return Kept(
        before=json.loads(before), wrote=json.loads(wrote), confirmed=bool(confirmed), left_alone=bool(left_alone)
    )
