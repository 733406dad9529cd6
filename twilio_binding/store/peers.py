"""Everybody who wrote, called, was written to or was called. Noting that is part of the write that stores it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from twilio_binding.history.ports import Peer
from twilio_binding.model.events import Event
from twilio_binding.store.database import Database
from twilio_binding.store.payloads import read_payload
from twilio_binding.store.sweep import sweep

_NOTE = """
    INSERT INTO peers (number, thing, last) VALUES (?, ?, ?)
    ON CONFLICT (number) DO UPDATE SET thing = excluded.thing, last = excluded.last
"""
_OLD = """
    DELETE FROM peers WHERE id IN (SELECT id FROM peers WHERE last < :before LIMIT :portion)
"""
_SELECT = "SELECT id, number, thing, last FROM peers"
_ONE = f"{_SELECT} WHERE id = ?"
_NEWEST = f"{_SELECT} WHERE (last, id) < (?, ?) ORDER BY last DESC, id DESC LIMIT ?"
_OF_NUMBERS = "SELECT id, number, thing, last FROM peers WHERE number IN (SELECT value FROM json_each(?))"
_MATCHING = f"{_SELECT} WHERE instr(number, ?) ORDER BY last DESC LIMIT ?"
_HEARD = ("sms-received", "whatsapp-received", "call-received")


class SqlitePeers:
    """The peers in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, before: tuple[float, float], limit: int) -> Sequence[Peer]:
        """Those who were heard of last before a moment and an id, newest first."""
        return self._read(_NEWEST, *before, limit)

    def of(self, peer_id: int) -> Peer | None:
        """One of them."""
        return next(iter(self._read(_ONE, peer_id)), None)

    def ids(self, numbers: Sequence[str]) -> Mapping[str, int]:
        """Their ids by number."""
        return {peer.number: peer.id for peer in self._read(_OF_NUMBERS, json.dumps(numbers))}

    def matching(self, part: str, limit: int) -> Sequence[Peer]:
        """Those whose number has this part, newest first."""
        return self._read(_MATCHING, part, limit)

    def _read(self, sql: str, *parameters: Any) -> list[Peer]:  # noqa: ANN401 - values of SQL
        rows = self._database.read(sql, parameters)
        return [Peer(id=peer_id, number=number, thing=thing, last=last) for peer_id, number, thing, last in rows]


def note_event(connection: sqlite3.Connection, event: Event, now: float) -> None:
    """Somebody wrote or called."""
    if event.channel in _HEARD and (number := read_payload(event.payload).get("from")):
        connection.execute(_NOTE, (number, event.thing, now))


def note_send(connection: sqlite3.Connection, thing: str, numbers: Sequence[str], now: float) -> None:
    """Somebody is written to or called."""
    connection.executemany(_NOTE, [(number, thing, now) for number in numbers])


def forget(database: Database, before: float) -> None:
    """Drop those of whom nothing is kept any more."""
    sweep(database, _OLD, before=before)
