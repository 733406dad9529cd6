"""What people decide about events in the journal: let one happen once more, try one again, give one up."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from twilio_binding.store.database import Database

REPLAY = """
    INSERT INTO events (id, thing, received, lifetime, urgent, states, channel, payload)
    SELECT (SELECT max(max(id) + 1, ?) FROM events), thing, ?, lifetime, urgent, states, channel, payload
    FROM events WHERE id = ?
"""
"""A new event for everybody: openHAB's side would leave out one whose id it knows."""


class SqliteInterventions:
    """Changes the journal in SQLite. `clock` is in seconds since 1970; `wake` is called when there is something to deliver."""

    def __init__(self, database: Database, *, clock: Callable[[], float], wake: Callable[[], None]) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake

    def replay(self, event_id: int) -> int | None:
        """Store an event once more, as if it had come now; returns the id of the new one, None where it is not kept."""
        now = self._clock()

        def write(connection: sqlite3.Connection) -> int | None:
            cursor = connection.execute(REPLAY, (int(now * 1000), now, event_id))
            return cursor.lastrowid if cursor.rowcount == 1 else None

        again = self._database.write(write)
        self._wake()
        return again
