"""The records of alarm runs, which are appended and never changed."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, cast

from twilio_binding.model.alarm_run import Record, RecordKind
from twilio_binding.store.database import Database
from twilio_binding.store.errors import DatabaseClosedError
from twilio_binding.store.sweep import sweep

_INSERT = "INSERT INTO alarm_records (run, alarm, kind, at, body) VALUES (?, ?, ?, ?, ?)"
_OPEN = """
    SELECT id, run, alarm, kind, at, body FROM alarm_records WHERE run IN
    (SELECT run FROM alarm_records WHERE kind = 'started' EXCEPT SELECT run FROM alarm_records WHERE kind = 'ended')
    ORDER BY id
"""
_LATEST = """
    SELECT id, run, alarm, kind, at, body FROM alarm_records WHERE run IN
    (SELECT run FROM alarm_records WHERE kind = 'started' ORDER BY id DESC LIMIT ?) ORDER BY id
"""
_OLD = """
    DELETE FROM alarm_records WHERE run IN
    (SELECT started.run FROM alarm_records AS started JOIN alarm_records AS ended ON ended.run = started.run
     WHERE started.kind = 'started' AND ended.kind = 'ended' AND started.at < :before LIMIT :portion)
"""
_PORTION = 20
"""Runs deleted in one transaction, each with its records."""


class SqliteAlarmLog:
    """The records of alarms in SQLite. `clock` is in seconds, and never jumps."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def append(self, *records: Record) -> list[Record]:
        """Append records in one transaction; returns them with their numbers once they are on disk."""
        rows = [_row(record) for record in records]

        def write(connection: sqlite3.Connection) -> list[int]:
            return [connection.execute(_INSERT, row).lastrowid or 0 for row in rows]

        numbers = self._database.write(write, haste="urgent")
        return [replace(record, number=number) for record, number in zip(records, numbers, strict=True)]

    def append_soon(self, record: Record) -> Future[object]:
        """Append a record without waiting for the disk; the future is done when it is on disk. Later records are never on disk earlier."""
        row = _row(record)
        try:
            return self._database.enter(lambda connection: connection.execute(_INSERT, row), haste="urgent")
        except DatabaseClosedError as error:
            failed: Future[object] = Future()
            failed.set_exception(error)
            return failed

    def open_records(self) -> Sequence[Record]:
        """All records of runs that have not ended, in order."""
        return [_record(row) for row in self._database.read(_OPEN)]

    def latest(self, runs: int) -> Sequence[Record]:
        """All records of the newest runs, in order."""
        return [_record(row) for row in self._database.read(_LATEST, (runs,))]

    def forget(self, *, older_than: float) -> int:
        """Delete ended runs that began more than so many seconds ago; returns the number of records."""
        return sweep(self._database, _OLD, portion=_PORTION, before=self._clock() - older_than)


def _row(record: Record) -> tuple[str, str, str, float, str]:
    return record.run, record.alarm, record.kind, record.at, json.dumps(dict(record.body), ensure_ascii=False)


def _record(row: tuple[Any, ...]) -> Record:
    number, run, alarm, kind, at, body = row
    return Record(run=run, alarm=alarm, kind=cast("RecordKind", kind), at=at, body=_body(body), number=number)


def _body(text: str) -> dict[str, object]:
    """The content of a record; empty if it is damaged, so that the records of other runs can be read."""
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
