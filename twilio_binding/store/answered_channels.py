"""Stores which channels have events that rules answer."""

from __future__ import annotations

from twilio_binding.store.database import Database


class SqliteAnsweredChannels:
    """Stores the UIDs of channels whose events were answered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def answered_channels(self) -> set[str]:
        """All stored UIDs."""
        return {channel for (channel,) in self._database.read("SELECT channel FROM listeners")}

    def add_answered_channel(self, channel: str) -> None:
        """Store a UID, soon."""
        sql = "INSERT OR IGNORE INTO listeners VALUES (?)"
        self._database.write_later(lambda connection: connection.execute(sql, (channel,)))

    def drop_answered_channel(self, channel: str) -> None:
        """Remove a UID, soon."""
        sql = "DELETE FROM listeners WHERE channel = ?"
        self._database.write_later(lambda connection: connection.execute(sql, (channel,)))
