"""Reads the journal for people. Every query uses an index, and has a limit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from twilio_binding.history.ports import GivenAnswer, PastEvent
from twilio_binding.store.database import Database
from twilio_binding.store.outcomes import LIMITED, SET_ASIDE
from twilio_binding.store.payloads import read_payload

SELECT = "SELECT id, thing, received, channel, payload, peer, openhab, mqtt FROM events"
_ONE = f"{SELECT} WHERE id = ?"
_OF_PEER = f"{SELECT} WHERE peer = ? AND id < ? ORDER BY id DESC LIMIT ?"
_CALLS = f"{SELECT} WHERE channel = 'call-received' AND id < ? ORDER BY id DESC LIMIT ?"
_ABOUT = f"{SELECT} WHERE sid = ? ORDER BY id LIMIT ?"
_SPAN = "SELECT id FROM events WHERE id < ? ORDER BY id DESC LIMIT 1 OFFSET ?"
_TEXTS = f"{SELECT} WHERE id < ? AND id >= ? AND channel IN ('sms-received', 'whatsapp-received') ORDER BY id DESC"
_ANSWERS = "SELECT event, by, seconds, twiml FROM answers WHERE event IN (SELECT value FROM json_each(?))"


class SqlitePastEvents:
    """The journal in SQLite, for people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_peer(self, number: str, before: float, limit: int) -> Sequence[PastEvent]:
        """Texts and calls of a number before an id, newest first."""
        return self._read(_OF_PEER, number, before, limit)

    def one(self, event_id: int) -> PastEvent | None:
        """An event."""
        return next(iter(self._read(_ONE, event_id)), None)

    def calls(self, before: float, limit: int) -> Sequence[PastEvent]:
        """Incoming calls before an id, newest first."""
        return self._read(_CALLS, before, limit)

    def about(self, sid: str, limit: int) -> Sequence[PastEvent]:
        """All events of a message or a call, oldest first."""
        return self._read(_ABOUT, sid, limit)

    def texts(self, before: float, span: int) -> tuple[Sequence[PastEvent], float | None]:
        """The texts among `span` events before an id, newest first, and the next position; None at the end."""
        rows = self._database.read(_SPAN, (before, span - 1))
        end = rows[0][0] if rows else None
        return self._read(_TEXTS, before, end or 0), end

    def answers(self, events: Sequence[int]) -> Mapping[int, GivenAnswer]:
        """The answers of calls, by the ids of their events."""
        rows = self._database.read(_ANSWERS, (json.dumps(list(events)),))
        return {
            event: GivenAnswer(event=event, by=by, seconds=seconds, twiml=twiml) for event, by, seconds, twiml in rows
        }

    def _read(self, sql: str, *parameters: Any) -> list[PastEvent]:  # noqa: ANN401 - values of SQL
        return [past_event(row) for row in self._database.read(sql, parameters)]


def past_event(row: tuple[Any, ...]) -> PastEvent:
    """The event in a row."""
    event_id, thing, received, channel, payload, peer, openhab, mqtt = row
    lanes = (("openhab", openhab), ("mqtt", mqtt))
    return PastEvent(
        id=event_id,
        thing=thing,
        at=received,
        channel=channel,
        payload=read_payload(payload),
        peer=peer or "",
        limited=openhab == LIMITED,
        waits_for=tuple(lane for lane, done in lanes if not done),
        set_aside=tuple(lane for lane, done in lanes if done == SET_ASIDE),
    )
