"""Reads hourly counts."""

from __future__ import annotations

from collections.abc import Sequence

from twilio_binding.history.counts import Count
from twilio_binding.store.database import Database


class SqliteTallies:
    """The counts in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def since(self, hour: int) -> Sequence[tuple[int, Count, int]]:
        """Hour, count and number since an hour."""
        rows = self._database.read("SELECT hour, what, n FROM tallies WHERE hour >= ?", (hour,))
        return [(hour, what, n) for hour, what, n in rows]
