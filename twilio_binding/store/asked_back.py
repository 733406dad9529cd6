"""Stores questions to contacts about items: the last one for each contact, until it is answered or expired."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable

from twilio_binding.people.item_ports import Asked, Choice
from twilio_binding.store.database import Database
from twilio_binding.store.sweep import sweep

_PUT = "INSERT OR REPLACE INTO asked_back (contact, until, body) VALUES (?, ?, ?)"
_PENDING = "SELECT body FROM asked_back WHERE contact = ? AND until > ?"
_DROP = "DELETE FROM asked_back WHERE contact = ?"
_OVER = "DELETE FROM asked_back WHERE contact IN (SELECT contact FROM asked_back WHERE until < :now LIMIT :portion)"


class SqliteAskedBack:
    """The questions in SQLite. `clock` is in seconds, and never jumps."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def put(self, contact: str, asked: Asked, *, seconds: float) -> None:
        """Store a question for so many seconds, on disk; an earlier question to the contact is dropped."""
        body = {"kind": asked.kind, "wait": asked.wait, "choices": [[one.item, one.value] for one in asked.choices]}
        row = (contact, self._clock() + seconds, json.dumps(body, ensure_ascii=False))
        self._write(_PUT, *row)

    def pending(self, contact: str) -> Asked | None:
        """The pending question to a contact."""
        found = self._database.read(_PENDING, (contact, self._clock()))
        if not found:
            return None
        body = json.loads(found[0][0])
        choices = tuple(Choice(item=item, value=value) for item, value in body["choices"])
        return Asked(kind=body["kind"], wait=body["wait"], choices=choices)

    def drop(self, contact: str) -> None:
        """Delete the question to a contact, on disk."""
        self._write(_DROP, contact)

    def forget(self, *, older_than: float) -> int:
        """Delete expired questions, whatever their age; returns their number."""
        del older_than
        return sweep(self._database, _OVER, now=self._clock())

    def _write(self, sql: str, *row: object) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.execute(sql, row)

        self._database.write(write)
