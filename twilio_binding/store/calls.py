"""The status of each call, and the newest call of each phone, so that late statuses change nothing.

`last-call-status` is that of the newest call. Twilio's callbacks arrive in any order, and calls are delivered before
statuses. The order of storing decides, so that a restart changes nothing.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from twilio_binding.model.call_statuses import is_past
from twilio_binding.model.events import CALL_STATUS, Event
from twilio_binding.store.database import Database
from twilio_binding.store.sweep import sweep

States = tuple[tuple[str, str], ...]

_NEWEST = "SELECT sid FROM calls WHERE thing = ? ORDER BY began DESC LIMIT 1"
_STATUS = "SELECT status FROM calls WHERE thing = ? AND sid = ?"
_NOTE = """
    INSERT INTO calls (thing, sid, began, incoming, status, heard) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (thing, sid) DO UPDATE SET status = excluded.status, heard = excluded.heard,
    incoming = max(incoming, excluded.incoming), began = CASE WHEN excluded.incoming THEN excluded.began ELSE began END
"""
_OVERTAKEN = "SELECT 1 FROM calls WHERE thing = ? AND incoming AND began > ? AND sid != ? LIMIT 1"
_OLD = """
    DELETE FROM calls WHERE (thing, sid) IN (SELECT thing, sid FROM calls WHERE heard < :before LIMIT :portion)
"""


def states_of_new(connection: sqlite3.Connection, event: Event) -> States:
    """The states of a call's event that is stored now: without the status if the newest call has a later one."""
    status = _status(event.states)
    if status is None:
        return event.states
    newest = connection.execute(_NEWEST, (event.thing,)).fetchone()
    known = connection.execute(_STATUS, (event.thing, event.call_sid)).fetchone()
    if known is None:
        is_late = newest is not None and not status  # a recording, for example, has no status
    else:
        is_late = is_past(status, known[0]) or (not event.urgent and newest[0] != event.call_sid)
    return _without_status(event.states) if is_late else event.states


def note(connection: sqlite3.Connection, event: Event, event_id: int, now: float) -> None:
    """Store the status of a call, when its event is stored."""
    status = _status(event.states)
    if status is None or not (status or event.urgent):
        return
    known = connection.execute(_STATUS, (event.thing, event.call_sid)).fetchone()
    if known is not None and is_past(status, known[0]):
        status = known[0]
    connection.execute(_NOTE, (event.thing, event.call_sid, event_id, event.urgent, status, now))


def states_to_deliver(database: Database, event_id: int, event: Event) -> States:
    """The states of a stored event that is delivered now: calls are delivered before statuses, and may overtake them."""
    status = _status(event.states)
    call_sid = _call_sid(event.payload) if status is not None else ""
    if status is None or not call_sid:
        return event.states
    if event.urgent:
        known = database.read(_STATUS, (event.thing, call_sid))
        is_late = bool(known) and is_past(status, known[0][0])
    else:
        is_late = bool(database.read(_OVERTAKEN, (event.thing, event_id, call_sid)))
    return _without_status(event.states) if is_late else event.states


def forget(database: Database, before: float) -> None:
    """Delete calls without news since a time."""
    sweep(database, _OLD, before=before)


def _status(states: States) -> str | None:
    return next((state for channel, state in states if channel == CALL_STATUS), None)


def _without_status(states: States) -> States:
    return tuple(state for state in states if state[0] != CALL_STATUS)


def _call_sid(payload: str) -> str:
    fields: dict[str, Any] = json.loads(payload)
    return str(fields.get("callSid", ""))
