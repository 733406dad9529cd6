"""Stores opt-outs."""

from __future__ import annotations

import sqlite3

from twilio_binding.model.opt_outs import OptOut
from twilio_binding.store.database import Database


class SqliteOptOuts:
    """Opt-outs by our number and theirs, both in Twilio's form."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, sender: str, recipient: str) -> OptOut | None:
        """The opt-out of a pair."""
        sql = "SELECT at, by_stop FROM opt_outs WHERE sender = ? AND recipient = ?"
        rows = self._database.read(sql, (sender, recipient))
        return OptOut(rows[0][0], by_stop=bool(rows[0][1])) if rows else None

    def put(self, sender: str, recipient: str, opt_out: OptOut | None) -> None:
        """Store an opt-out, or delete it with None; on disk when this returns."""
        pair = (sender, recipient)

        def write(connection: sqlite3.Connection) -> None:
            if opt_out is None:
                connection.execute("DELETE FROM opt_outs WHERE sender = ? AND recipient = ?", pair)
                return
            row = (*pair, opt_out.at, opt_out.by_stop)
            connection.execute("INSERT OR REPLACE INTO opt_outs VALUES (?, ?, ?, ?)", row)

        self._database.write(write)
