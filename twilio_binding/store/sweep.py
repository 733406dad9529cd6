"""Deletes old rows in portions, when nothing else is to be written."""

from __future__ import annotations

import sqlite3

from twilio_binding.store.database import Database
from twilio_binding.store.errors import DatabaseClosedError

PORTION = 500
"""Rows changed in one transaction: a call that arrives meanwhile waits for some milliseconds."""
_MOST = 50_000
"""Maximum rows at a time; the next round continues."""


def sweep(database: Database, sql: str, *, portion: int = PORTION, **parameters: float) -> int:
    """Repeat a statement until nothing is left; returns the number of changed rows.

    The statement has named `parameters`, and changes at most `:portion` rows. It may end early if there is much to do,
    or if the database closes.
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
