"""Stores commands to items by text and phone: contact, way, command and outcome."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from twilio_binding.people.item_ports import ItemCommandEntry
from twilio_binding.store.database import Database
from twilio_binding.store.sweep import sweep

_INSERT = """
    INSERT INTO item_commands (at, contact, phone, way, item, command, result, before, waits, origin)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_NEWEST = "SELECT * FROM item_commands WHERE number < ? ORDER BY number DESC LIMIT ?"
_LAST_NUMBER = 2**63 - 1
_LAST = """
    SELECT * FROM item_commands WHERE contact = ? AND at > ? AND result IN ('done', 'sent', 'undone', 'undone_partly', 'interpreted')
    ORDER BY number DESC LIMIT 1
"""
_WAITING = "SELECT * FROM item_commands WHERE waits > 0 ORDER BY number"
_WRONG = """
    SELECT count(*) FROM item_commands WHERE contact = ?1 AND result = 'wrong_pin' AND (way = 'alarm call') = ?3
    AND at > ?2 AND number > (SELECT coalesce(max(number), 0) FROM item_commands WHERE contact = ?1
    AND result = 'right_pin' AND (way = 'alarm call') = ?3)
"""
_PIN = "SELECT * FROM item_commands WHERE contact = ? AND origin = ? AND at > ? ORDER BY number DESC LIMIT 1"
_OLD = """
    DELETE FROM item_commands WHERE number IN
    (SELECT number FROM item_commands WHERE at < :before AND waits = 0 LIMIT :portion)
"""


class SqliteItemCommands:
    """The commands in SQLite. `clock` is in seconds, and never jumps."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def enter(self, entry: ItemCommandEntry) -> ItemCommandEntry:
        """Store a command, on disk; returns it with its number and time."""
        at = self._clock()
        row = (
            at,
            entry.contact,
            entry.phone,
            entry.way,
            entry.item,
            entry.command,
            entry.result,
            json.dumps(dict(entry.before), ensure_ascii=False),
            entry.waits,
            entry.origin,
        )
        number = self._database.write(lambda connection: connection.execute(_INSERT, row).lastrowid)
        return replace(entry, number=number or 0, at=at)

    def newest(self, most: int, *, before: int | None = None) -> Sequence[ItemCommandEntry]:
        """The newest commands first; `before` is the number of an entry after which the list continues."""
        return [_entry(row) for row in self._database.read(_NEWEST, (_LAST_NUMBER if before is None else before, most))]

    def last(self, contact: str, *, within: float) -> ItemCommandEntry | None:
        """The last command of a contact that was carried out within so many seconds, also by an interpreter."""
        found = self._database.read(_LAST, (contact, self._clock() - within))
        return _entry(found[0]) if found else None

    def wrong_pins(self, contact: str, *, within: float, in_calls_of_alarms: bool) -> int:
        """The number of wrong PINs within so many seconds, since the last right one, in calls of alarms or elsewhere."""
        return int(self._database.read(_WRONG, (contact, self._clock() - within, in_calls_of_alarms))[0][0])

    def pin_from(self, contact: str, origin: str, *, within: float) -> ItemCommandEntry | None:
        """The PIN of a contact that arrived in a text or in keys, if it was entered within so many seconds."""
        found = self._database.read(_PIN, (contact, origin, self._clock() - within))
        return _entry(found[0]) if found else None

    def waiting(self) -> Sequence[ItemCommandEntry]:
        """Commands that wait for openHAB, oldest first."""
        return [_entry(row) for row in self._database.read(_WAITING)]

    def wait(self, number: int, waits: int) -> None:
        """Store what to do with a command when openHAB is back: 0 nothing, 1 notify, 2 carry it out."""
        sql = "UPDATE item_commands SET waits = ? WHERE number = ?"

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(sql, (waits, number))

        self._database.write(write)

    def forget(self, *, older_than: float) -> int:
        """Delete commands older than so many seconds; returns their number."""
        return sweep(self._database, _OLD, before=self._clock() - older_than)


def _entry(row: tuple[Any, ...]) -> ItemCommandEntry:
    number, at, contact, phone, way, item, command, result, before, waits, origin = row
    return ItemCommandEntry(
        number=number,
        at=at,
        contact=contact,
        phone=phone,
        way=way,
        item=item,
        command=command,
        result=result,
        before=json.loads(before),
        waits=waits,
        origin=origin,
    )
