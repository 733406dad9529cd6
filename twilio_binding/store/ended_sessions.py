"""Stores signed-out sessions of the console until their cookies expire."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from twilio_binding.store.database import Database

_END = "INSERT OR REPLACE INTO ended_sessions VALUES (?, ?)"
_FORGET = "DELETE FROM ended_sessions WHERE until < ?"
_FIND = "SELECT 1 FROM ended_sessions WHERE id = ?"


class SqliteEndedSessions:
    """The sessions in SQLite. `clock` is in seconds, and never jumps."""

    def __init__(self, database: Database, *, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def end(self, session: str, *, seconds: float) -> None:
        """Store for so many seconds that a session has ended; on disk when this returns."""
        now = self._clock()

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(_FORGET, (now,))
            connection.execute(_END, (session, now + seconds))

        self._database.write(write)

    def has_ended(self, session: str) -> bool:
        """Whether a session was ended."""
        return bool(self._database.read(_FIND, (session,)))
