"""What outlives the process."""

from __future__ import annotations

from twilio_binding.installation import kept_secret
from twilio_binding.settings import Settings
from twilio_binding.store import (
    Claim,
    Database,
    SqliteAlarmLog,
    SqliteAskedBack,
    SqliteContactSends,
    SqliteItemCommands,
    SqliteJournal,
    SqliteOutbox,
    SqliteQuestions,
    Timeline,
)
from twilio_binding.webhooks.server import RealThread


class Stores:
    """Everything that outlives the process, opened; and who else may use the data folder: nobody."""

    def __init__(self, settings: Settings) -> None:
        self.claim = Claim(settings.data_dir)
        self.secret = kept_secret(settings.secret_file)
        self.database = Database(settings.database_file, commit=RealThread(patience=None))
        self.database.start()
        self.timeline = Timeline(settings.timeline_file)
        self.journal = SqliteJournal(self.database, clock=self.timeline.now)
        self.alarms = SqliteAlarmLog(self.database, clock=self.timeline.now)
        self.outbox = SqliteOutbox(self.database, clock=self.timeline.now)
        self.contact_sends = SqliteContactSends(self.database, clock=self.timeline.now)
        self.item_commands = SqliteItemCommands(self.database, clock=self.timeline.now)
        self.asked_back = SqliteAskedBack(self.database, clock=self.timeline.now)
        self.questions = SqliteQuestions(self.database, clock=self.timeline.now)

    def forget(self, older_than: float) -> int:
        """Forget what is done and older than so many seconds; returns how many rows that were."""
        people = (self.contact_sends, self.questions, self.item_commands, self.asked_back)
        forgetful = (self.journal, self.outbox, self.alarms, *people)
        return sum(one.forget(older_than=older_than) for one in forgetful)

    def close(self, until: float) -> None:
        """Close everything."""
        self.database.stop(until)
        self.claim.release()
