"""Deletes old rows in portions, when nothing else is to be written."""

from __future__ import annotations

import sqlite3

from twilio_binding.store.database import Database
from twilio_binding.store.errors import DatabaseClosedError

PORTION = 500
"""Rows that are changed in one transaction: a call that comes meanwhile waits for a few milliseconds."""
_MOST = 50_000
"""Rows at a time; the next round goes on."""


def sweep(database: Database, sql: str, *, portion: int = PORTION, **parameters: float) -> int:
    """Carry out a statement again and again until there is nothing left to do; returns how many rows it changed.

    The statement has `parameters` by name, and changes at most `:portion` rows. It may end early when there is much to
    do, or when the database closes.
    """

    def write(connection: sqlite3.Connection) -> int:
        return connection.execute(sql, {**parameters, "portion": portion}).rowcount

    total = 0
    for _ in range(_MOST // portion):
        try:
            changed = database.write(write, haste="idle")
        except DatabaseClosedError:
            break
        total += changed
        if changed < portion:
            break
    return total
