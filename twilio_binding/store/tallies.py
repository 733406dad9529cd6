"""Stores hourly counts for people, in the same write as what is counted."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from twilio_binding.clock import local_hour, local_now
from twilio_binding.history.counts import Count
from twilio_binding.model.events import Event
from twilio_binding.outgoing.ports import Sent
from twilio_binding.protocol.replies import Reply
from twilio_binding.store.database import Database
from twilio_binding.store.payloads import read_payload
from twilio_binding.store.sweep import sweep

_ADD = "INSERT INTO tallies VALUES (?, ?, ?) ON CONFLICT (hour, what) DO UPDATE SET n = n + excluded.n"
_INCOMING: dict[str, Count] = {
    "sms-received": "texts_in",
    "whatsapp-received": "texts_in",
    "call-received": "calls_in",
}
_UNDELIVERED = ("failed", "undelivered")
_OLD = "DELETE FROM tallies WHERE (hour, what) IN (SELECT hour, what FROM tallies WHERE hour < :before LIMIT :portion)"
_KEPT = 400 * 24
"""Hours for which counts are stored."""


def count_event(connection: sqlite3.Connection, event: Event) -> None:
    """Count a new event, if it is a text or a call, or reports an undelivered text."""
    if event.channel in _INCOMING:
        _add(connection, {_INCOMING[event.channel]: 1})
    elif event.channel == "message-status" and read_payload(event.payload).get("messageStatus") in _UNDELIVERED:
        _add(connection, {"failed": 1})


def count_outcome(connection: sqlite3.Connection, outcome: Sent | Reply) -> None:
    """Count the outcome of a send to one recipient."""
    if isinstance(outcome, Reply):
        _add(connection, {"failed": 1})
    elif outcome.sid.startswith("CA"):
        _add(connection, {"calls_out": 1})
    else:
        _add(connection, {"texts_out": 1, "segments": outcome.segments or 1})


def count_answer(connection: sqlite3.Connection, seconds: float) -> None:
    """Count an answer to a waiting caller."""
    _add(connection, {"answers": 1, "answer_ms": round(seconds * 1000)})


def forget(database: Database) -> None:
    """Delete old counts."""
    sweep(database, _OLD, before=local_hour(local_now()) - _KEPT)


def _add(connection: sqlite3.Connection, counts: Mapping[Count, int]) -> None:
    hour = local_hour(local_now())
    for what, number in counts.items():
        connection.execute(_ADD, (hour, what, number))
