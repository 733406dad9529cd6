"""Durable storage: the journal of webhooks, the outbox of sends and the media, in SQLite and files.

Only this package knows SQL and the data folder; it implements ports of the use cases, and imports no other adapter.
Add tables and columns in `migrations`. Stores that most services do not need, such as alarms, are imported on their own.
"""

from twilio_binding.store.answered_channels import SqliteAnsweredChannels
from twilio_binding.store.database import Database
from twilio_binding.store.errors import DatabaseClosedError, DatabaseTooNewError, DatabaseUnusableError
from twilio_binding.store.folder import Claim, DataFolderError, NoAccessError, is_in_use, see_usable
from twilio_binding.store.journal import SqliteJournal
from twilio_binding.store.media import SqliteMediaShelf
from twilio_binding.store.opt_outs import SqliteOptOuts
from twilio_binding.store.outbox import SqliteOutbox
from twilio_binding.store.things import KeptThings
from twilio_binding.store.timeline import Timeline
from twilio_binding.store.webhooks import SqliteKeptWebhooks

__all__ = [
    "Claim",
    "DataFolderError",
    "Database",
    "DatabaseClosedError",
    "DatabaseTooNewError",
    "DatabaseUnusableError",
    "KeptThings",
    "NoAccessError",
    "SqliteAnsweredChannels",
    "SqliteJournal",
    "SqliteKeptWebhooks",
    "SqliteMediaShelf",
    "SqliteOptOuts",
    "SqliteOutbox",
    "Timeline",
    "is_in_use",
    "see_usable",
]
