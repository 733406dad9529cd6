"""Reads what was not delivered or sent, for people. Every query uses an index, and has a limit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from twilio_binding.history.ports import PastEvent, Pile, StoredSend
from twilio_binding.store.database import Database
from twilio_binding.store.past.events import SELECT, past_event
from twilio_binding.store.past.sends import OF_REQUESTS, past_send

# The literal numbers, because indexes use them.
_PILES: Mapping[Pile, str] = {
    "openhab": "openhab = 0",
    "mqtt": "mqtt = 0",
    "openhab_aside": "openhab = 3",
    "mqtt_aside": "mqtt = 3",
    "limited": "openhab = 2",
}
_PILE = f"{SELECT} WHERE {{urgent}} {{pile}} AND id < ? ORDER BY id DESC LIMIT ?"
_COUNT = "SELECT count(*) FROM events WHERE {pile}"
_URGENT = ("urgent = 0 AND", "urgent = 1 AND")
"""Waiting events are in an index by urgency."""
_REASONS = "SELECT event, lane, reason FROM set_asides WHERE event IN (SELECT value FROM json_each(?))"
_ONE = f"{OF_REQUESTS} WHERE r.id = ? AND p.number = ?"
_SENDS = f"""{OF_REQUESTS}
    WHERE {{which}} AND r.stored <= ?1 AND (r.stored < ?1 OR p.number > ?2) AND {{part}}
    ORDER BY r.stored DESC, p.number LIMIT ?3
"""
_OPEN = _SENDS.format(which="r.reply IS NULL", part="p.outcome IS NULL")
_FAILED = _SENDS.format(
    which="""instr(r.reply, '"ok":false')""", part="""(p.outcome IS NULL OR instr(p.outcome, '"ok":false'))"""
)


class SqliteUndone:
    """What was not delivered or sent, in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def events(self, pile: Pile, before: float, limit: int) -> Sequence[PastEvent]:
        """Events of a kind before an id, newest first."""
        waits = pile in ("openhab", "mqtt")
        statements = [_PILE.format(urgent=urgent, pile=_PILES[pile]) for urgent in (_URGENT if waits else ("",))]
        rows = [row for statement in statements for row in self._database.read(statement, (before, limit))]
        rows.sort(key=lambda row: row[0], reverse=True)
        return [past_event(row) for row in rows[:limit]]

    def count(self, pile: Pile) -> int:
        """The number of events of a kind."""
        number: int = self._database.read(_COUNT.format(pile=_PILES[pile]))[0][0]
        return number

    def reasons(self, events: Sequence[int]) -> Mapping[tuple[int, str], str]:
        """Why events were set aside, by id and lane."""
        rows = self._database.read(_REASONS, (json.dumps(list(events)),))
        return {(event, lane): reason for event, lane, reason in rows}

    def send(self, request: str, part: int) -> StoredSend | None:
        """A send, by request and number of the recipient."""
        return next((past_send(row) for row in self._database.read(_ONE, (request, part))), None)

    def sends(self, before: tuple[float, int], limit: int, *, failed: bool) -> Sequence[StoredSend]:
        """Sends of requests that are in progress, or failed, before a time and a recipient's number, newest first."""
        rows = self._database.read(_FAILED if failed else _OPEN, (*before, limit))
        return [past_send(row) for row in rows]
