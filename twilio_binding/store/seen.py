"""Remembers webhooks long after their texts are deleted, so that a captured webhook has no effect when it is sent again.

A signature covers everything in the webhook, but not where a name ends and its value begins. So only the first
reading of a signature counts: the same signature with other fields is refused.
"""

from __future__ import annotations

import sqlite3

from twilio_binding.model.call_statuses import FINAL
from twilio_binding.model.events import CALL_STATUS, Event
from twilio_binding.store.database import Database
from twilio_binding.store.sweep import sweep

_MOST = 1_000_000
"""Maximum number of keys; a message needs two."""
_AFTER_THE_END = 60.0
"""Seconds after the end of a call in which its late requests are accepted."""

_SEEN = "SELECT form, at FROM seen WHERE key = ?"
_NOTE = "INSERT OR IGNORE INTO seen (key, form, at) VALUES (?, ?, ?)"
_TOO_MANY = """
    DELETE FROM seen WHERE id IN
    (SELECT id FROM seen WHERE id <= (SELECT max(id) FROM seen) - :most LIMIT :portion)
"""


def is_replayed(connection: sqlite3.Connection, event: Event, now: float) -> bool:
    """Whether an event that is not stored does not come from Twilio: it was seen before, or its signature had other fields."""
    if event.sid_key and connection.execute(_SEEN, (event.sid_key,)).fetchone():
        return True
    first = connection.execute(_SEEN, (event.signature_key,)).fetchone() if event.signature_key else None
    if first is None:
        return False
    form, at = first
    if form != event.form or now - at > event.repeatable_for:
        return True
    # The same keys may be pressed again during the call.
    ended = connection.execute(_SEEN, (_end(event),)).fetchone()
    return ended is not None and now - ended[1] > _AFTER_THE_END


def note(connection: sqlite3.Connection, event: Event, now: float) -> None:
    """Store the keys of an event that is stored now."""
    keys = [key for key in (event.sid_key, event.signature_key) if key]
    if not event.urgent and dict(event.states).get(CALL_STATUS) in FINAL:
        keys.append(_end(event))
    connection.executemany(_NOTE, [(key, event.form, now) for key in keys])


def forget(database: Database) -> None:
    """Delete all keys but the newest."""
    sweep(database, _TOO_MANY, most=_MOST)


def _end(event: Event) -> str:
    return f"end\n{event.thing}\n{event.call_sid}"
