"""Stores all numbers that wrote, called, were written to or called; part of the write that stores the event or send."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from twilio_binding.model.events import Event
from twilio_binding.store.database import Database
from twilio_binding.store.sweep import sweep

_NOTE = """
    INSERT INTO peers (number, thing, last) VALUES (?, ?, ?)
    ON CONFLICT (number) DO UPDATE SET thing = excluded.thing, last = excluded.last
"""
_OLD = """
    DELETE FROM peers WHERE id IN (SELECT id FROM peers WHERE last < :before LIMIT :portion)
"""


def note_event(connection: sqlite3.Connection, event: Event, now: float) -> None:
    """Note a number that wrote or called."""
    connection.execute(_NOTE, (event.sender, event.thing, now))


def note_send(connection: sqlite3.Connection, thing: str, numbers: Sequence[str], now: float) -> None:
    """Note a number that is written to or called."""
    connection.executemany(_NOTE, [(number, thing, now) for number in numbers])


def forget(database: Database, before: float) -> None:
    """Delete numbers of which nothing else is stored."""
    sweep(database, _OLD, before=before)
