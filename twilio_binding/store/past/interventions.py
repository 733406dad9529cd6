"""Decisions of people about events in the journal: deliver an event again, retry it, or drop it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from twilio_binding.store.database import Database
from twilio_binding.store.sweep import sweep

REPLAY = """
    INSERT INTO events (id, thing, received, lifetime, urgent, states, channel, payload)
    SELECT (SELECT max(max(id) + 1, ?) FROM events), thing, ?, lifetime, urgent, states, channel, payload
    FROM events WHERE id = ?
"""
"""Copies the event with a new id, because openHAB's side would skip an id that it knows."""


_LANES = ("openhab", "mqtt")
_RETRY = "UPDATE events SET {lane} = 0 WHERE id = ? AND {lane} IN (2, 3, 4)"
_RETRY_ALL = "UPDATE events SET {lane} = 0 WHERE id IN (SELECT id FROM events WHERE {lane} = 3 LIMIT :portion)"
_GIVE_UP = "UPDATE events SET {lane} = 4 WHERE id = ? AND {lane} IN (0, 3)"
_GIVE_UP_ALL = "UPDATE events SET {lane} = 4 WHERE id IN (SELECT id FROM events WHERE {lane} = 3 LIMIT :portion)"


class SqliteInterventions:
    """Changes the journal in SQLite. `clock` is in seconds since 1970; `changed` is called after each change."""

    def __init__(self, database: Database, *, clock: Callable[[], float], changed: Callable[[], None]) -> None:
        self._database = database
        self._clock = clock
        self._changed = changed

    def replay(self, event_id: int) -> int | None:
        """Store an event again, as if it had just arrived; returns the id of the new event, None if the old one is not stored."""
        now = self._clock()

        def write(connection: sqlite3.Connection) -> int | None:
            cursor = connection.execute(REPLAY, (int(now * 1000), now, event_id))
            return cursor.lastrowid if cursor.rowcount == 1 else None

        again = self._database.write(write)
        self._changed()
        return again

    def retry(self, lane: str, event_id: int) -> bool:
        """Deliver an event to a lane again; returns whether it was one that the lane had given up."""
        return self._decide(_RETRY, lane, event_id)

    def give_up(self, lane: str, event_id: int) -> bool:
        """Never deliver an event to a lane; returns whether it was waiting, or set aside."""
        return self._decide(_GIVE_UP, lane, event_id)

    def retry_all(self, lane: str) -> int:
        """Deliver everything that was set aside for a lane; returns the number of events."""
        return self._sweep(_RETRY_ALL, lane)

    def give_up_all(self, lane: str) -> int:
        """Drop everything that was set aside for a lane; returns the number of events."""
        return self._sweep(_GIVE_UP_ALL, lane)

    def _decide(self, sql: str, lane: str, event_id: int) -> bool:
        if lane not in _LANES:
            return False
        statement = sql.format(lane=lane)
        done = self._database.write(lambda connection: connection.execute(statement, (event_id,)).rowcount) == 1
        self._changed()
        return done

    def _sweep(self, sql: str, lane: str) -> int:
        number = sweep(self._database, sql.format(lane=lane)) if lane in _LANES else 0
        self._changed()
        return number
