"""Stores sends and questions to contacts, until they are finished."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from twilio_binding.model.contact_actions import ContactSend, Question
from twilio_binding.model.delivery_statuses import is_news
from twilio_binding.people.ports import OpenQuestion, StoredSend
from twilio_binding.store.database import Database
from twilio_binding.store.sweep import sweep

_SEND = "SELECT id, contact, body, due, status FROM contact_sends WHERE id = ?"
_WAITING = "SELECT id, contact, body, due, status FROM contact_sends WHERE status = 'waiting' ORDER BY number"
_NEWEST = "SELECT id FROM contact_sends WHERE contact = ? AND is_text ORDER BY number DESC LIMIT 1"
_INSERT_SEND = """
    INSERT OR IGNORE INTO contact_sends (id, contact, is_text, body, at, due, status) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_QUESTION = "SELECT id, contact, body, due FROM questions WHERE id = ?"
_OPEN = "SELECT id, contact, body, due FROM questions WHERE answer IS NULL ORDER BY number DESC"
_OLD_SENDS = """
    DELETE FROM contact_sends WHERE number IN
    (SELECT number FROM contact_sends WHERE at < :before AND status != 'waiting' LIMIT :portion)
"""
_OLD_QUESTIONS = """
    DELETE FROM questions WHERE number IN
    (SELECT number FROM questions WHERE due < :before AND answer IS NOT NULL LIMIT :portion)
"""


class SqliteContactSends:
    """Texts and calls to contacts in SQLite. `clock` is in seconds, and never jumps."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def enter(self, one: StoredSend) -> StoredSend:
        """Store a send, on disk, or return the one with the same id."""
        body = json.dumps(asdict(one.send), ensure_ascii=False)
        row = (one.id, one.contact, one.send.kind == "text", body, self._clock(), one.due, one.status)

        def write(connection: sqlite3.Connection) -> StoredSend:
            new = connection.execute(_INSERT_SEND, row).rowcount == 1
            return replace(_send(connection.execute(_SEND, (one.id,)).fetchone()), new=new)

        return self._database.write(write)

    def get(self, send_id: str) -> StoredSend | None:
        """The entry with this id; None if there is none."""
        found = self._database.read(_SEND, (send_id,))
        return _send(found[0]) if found else None

    def newest(self, contact: str) -> str:
        """The id of the newest text to a contact, "" for none."""
        found = self._database.read(_NEWEST, (contact,))
        return str(found[0][0]) if found else ""

    def advance(self, send_id: str, status: str) -> bool:
        """Store a status, on disk; returns whether it is new."""

        def write(connection: sqlite3.Connection) -> bool:
            known = connection.execute("SELECT status FROM contact_sends WHERE id = ?", (send_id,)).fetchone()
            if known is None or not is_news(status, known[0]):
                return False
            connection.execute("UPDATE contact_sends SET status = ? WHERE id = ?", (status, send_id))
            return True

        return self._database.write(write)

    def waiting(self) -> Sequence[StoredSend]:
        """Sends that have not gone out, oldest first."""
        return [_send(row) for row in self._database.read(_WAITING)]

    def forget(self, *, older_than: float) -> int:
        """Delete finished sends older than so many seconds; returns their number."""
        return sweep(self._database, _OLD_SENDS, before=self._clock() - older_than)


class SqliteQuestions:
    """Questions to contacts in SQLite. `clock` is in seconds, and never jumps."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def enter(self, one: OpenQuestion) -> OpenQuestion:
        """Store a question, on disk, or return the one with the same id."""
        row = (one.id, one.contact, json.dumps(asdict(one.question), ensure_ascii=False), one.due)

        def write(connection: sqlite3.Connection) -> OpenQuestion:
            sql = "INSERT OR IGNORE INTO questions (id, contact, body, due) VALUES (?, ?, ?, ?)"
            new = connection.execute(sql, row).rowcount == 1
            return replace(_question(connection.execute(_QUESTION, (one.id,)).fetchone()), new=new)

        return self._database.write(write)

    def close(self, question_id: str, answer: str) -> None:
        """Store the answer, on disk."""
        sql = "UPDATE questions SET answer = ? WHERE id = ? AND answer IS NULL"
        self._database.write(lambda connection: connection.execute(sql, (answer, question_id)))

    def put_off(self, question_id: str, due: float) -> None:
        """Store another end of the time to answer, on disk."""
        sql = "UPDATE questions SET due = ? WHERE id = ?"
        self._database.write(lambda connection: connection.execute(sql, (due, question_id)))

    def open(self, contact: str = "") -> Sequence[OpenQuestion]:
        """Unanswered questions, of a contact or of all, newest first."""
        found = (_question(row) for row in self._database.read(_OPEN))
        return [one for one in found if contact in ("", one.contact)]

    def forget(self, *, older_than: float) -> int:
        """Delete answered questions older than so many seconds; returns their number."""
        return sweep(self._database, _OLD_QUESTIONS, before=self._clock() - older_than)


def _send(row: tuple[Any, ...]) -> StoredSend:
    send_id, contact, body, due, status = row
    fields = json.loads(body)
    send = ContactSend(**(fields | {"passed": tuple(fields["passed"])}))
    return StoredSend(id=send_id, contact=contact, send=send, due=due, status=status)


def _question(row: tuple[Any, ...]) -> OpenQuestion:
    question_id, contact, body, due = row
    fields = json.loads(body)
    question = Question(**(fields | {"answers": tuple(fields["answers"])}))
    return OpenQuestion(id=question_id, contact=contact, question=question, due=due)
