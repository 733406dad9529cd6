"""Reads the outbox for people. Every query uses an index, and has a limit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from twilio_binding.history.ports import CALLS, StoredSend
from twilio_binding.protocol.replies import Reply
from twilio_binding.store.database import Database

_IS_CALL = ", ".join(f"'{action}'" for action in CALLS)
"""As in the index of calls; otherwise the index is not used."""
_TO = """
    SELECT p.request, p.number, p.recipient, p.stored, p.outcome, r.thing, r.action, r.args, r.reply
    FROM parts p CROSS JOIN requests r ON r.id = p.request
    WHERE p.recipient = ? AND p.stored < ? ORDER BY p.stored DESC LIMIT ?
"""
OF_REQUESTS = """
    SELECT r.id, p.number, p.recipient, r.stored, p.outcome, r.thing, r.action, r.args, r.reply
    FROM requests r CROSS JOIN parts p ON p.request = r.id
"""
_CALLS = f"""{OF_REQUESTS}
    WHERE r.action IN ({_IS_CALL}) AND r.stored <= ?1 AND (r.stored < ?1 OR p.number > ?2)
    ORDER BY r.stored DESC, p.number LIMIT ?3
"""
_OF_SID = """
    SELECT p.request, p.number, p.recipient, p.stored, p.outcome, r.thing, r.action, r.args, r.reply
    FROM parts p CROSS JOIN requests r ON r.id = p.request WHERE p.sid = ? LIMIT 1
"""
_SPAN = "SELECT stored FROM requests WHERE stored < ? ORDER BY stored DESC LIMIT 1 OFFSET ?"
_TEXTS = f"""{OF_REQUESTS}
    WHERE r.stored < ? AND r.stored >= ? AND r.action NOT IN ({_IS_CALL}) ORDER BY r.stored DESC, p.number
"""


class SqlitePastSends:
    """The outbox in SQLite, for people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def to(self, number: str, before: float, limit: int) -> Sequence[StoredSend]:
        """Sends to a number before a time, newest first."""
        return [past_send(row) for row in self._database.read(_TO, (number, before, limit))]

    def calls(self, before: tuple[float, int], limit: int) -> Sequence[StoredSend]:
        """Outgoing calls before a time and a recipient's number in it, newest first."""
        at, number = before
        return [past_send(row) for row in self._database.read(_CALLS, (at, number, limit))]

    def of_sid(self, sid: str) -> StoredSend | None:
        """The send with this SID at Twilio."""
        return next((past_send(row) for row in self._database.read(_OF_SID, (sid,))), None)

    def texts(self, before: float, span: int) -> tuple[Sequence[StoredSend], float | None]:
        """The texts among `span` requests before a time, newest first, and the next position; None at the end."""
        rows = self._database.read(_SPAN, (before, span - 1))
        end = rows[0][0] if rows else None
        return [past_send(row) for row in self._database.read(_TEXTS, (before, end or 0.0))], end


def past_send(row: tuple[Any, ...]) -> StoredSend:
    """The send in a row."""
    request, part, to, stored, outcome, thing, action, args, reply = row
    facts = _facts(outcome) or _facts(reply)  # a request may be refused as a whole
    return StoredSend(
        request=request, part=part, thing=thing, action=action, args=json.loads(args), to=to, at=stored, **facts
    )


def _facts(outcome: str | None) -> dict[str, str]:
    if outcome is None:
        return {}
    body = json.loads(outcome)
    if "sid" in body:
        return {"sid": body["sid"], "status": body["status"]}
    reply = Reply.decode(outcome)
    return {} if reply.ok else {"code": reply.code, "problem": reply.message}
