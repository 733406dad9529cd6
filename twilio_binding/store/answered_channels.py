"""Which channels have events that rules answer."""

from __future__ import annotations

from twilio_binding.store.database import Database


class SqliteAnsweredChannels:
    """UIDs of the channels whose events were answered, kept over restarts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def answered_channels(self) -> set[str]:
        """All of them."""
        return {channel for (channel,) in self._database.read("SELECT channel FROM listeners")}

    def add_answered_channel(self, channel: str) -> None:
        """Remember one more, soon."""
        sql = "INSERT OR IGNORE INTO listeners VALUES (?)"
        self._database.write_later(lambda connection: connection.execute(sql, (channel,)))

    def drop_answered_channel(self, channel: str) -> None:
        """Forget one, soon."""
        sql = "DELETE FROM listeners WHERE channel = ?"
        self._database.write_later(lambda connection: connection.execute(sql, (channel,)))
