"""Everything that is stored across restarts."""

from __future__ import annotations

from typing import Protocol

from twilio_binding.installation import kept_secret
from twilio_binding.settings import Settings
from twilio_binding.store import Claim, Database, SqliteJournal, SqliteOutbox, Timeline
from twilio_binding.webhooks.server import RealThread


class Tidy(Protocol):
    """A store that deletes old rows."""

    def forget(self, *, older_than: float) -> int:
        """Delete finished rows that are older than so many seconds; returns their number."""


class Stores:
    """Everything that is stored across restarts, opened. No other process can use the data folder meanwhile."""

    def __init__(self, settings: Settings) -> None:
        self.claim = Claim(settings.data_dir)
        self.secret = kept_secret(settings.secret_file)
        self.database = Database(settings.database_file, commit=RealThread(patience=None))
        self.database.start()
        self.timeline = Timeline(settings.timeline_file)
        self.journal = SqliteJournal(self.database, clock=self.timeline.now)
        self.outbox = SqliteOutbox(self.database, clock=self.timeline.now)
        self._tidied: list[Tidy] = [self.journal, self.outbox]

    def keep_tidy(self, *stores: Tidy) -> None:
        """Delete old rows of these stores, too."""
        self._tidied += stores

    def forget(self, older_than: float) -> int:
        """Delete finished rows that are older than so many seconds; returns their number."""
        return sum(one.forget(older_than=older_than) for one in tuple(self._tidied))

    def close(self, until: float) -> None:
        """Close everything."""
        self.database.stop(until)
        self.claim.release()
