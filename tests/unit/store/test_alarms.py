"""The records of alarms: on disk when promised, in order, and deleted as whole runs only."""

from __future__ import annotations

from pathlib import Path

from twilio_binding.model.alarm_run import Record, RecordKind
from twilio_binding.store import Database
from twilio_binding.store.alarms import SqliteAlarmLog


def record(run: str, kind: RecordKind, at: float = 0.0, **body: object) -> Record:
    """A record."""
    return Record(run=run, alarm="twilio:alarm:a:fire", kind=kind, at=at, body=body)


def test_records_outlive_the_process(tmp_path: Path) -> None:
    """Appended records are found, with their numbers, by the next process; ended runs are not read."""
    database = Database(tmp_path / "db")
    database.start()
    log = SqliteAlarmLog(database)
    first = log.append(record("r", "started", steps="call ada"), record("r", "step", 1.5))
    log.append_soon(record("r", "outcome", 2, attempt="r.1.0", status="busy"))
    log.append(record("s", "started"), record("s", "ended"))
    database.stop()
    again = Database(tmp_path / "db")
    again.start()
    found = SqliteAlarmLog(again).open_records()
    again.stop()
    assert list(found[:2]) == first
    assert [one.kind for one in found] == ["started", "step", "outcome"]
    assert found[2].body == {"attempt": "r.1.0", "status": "busy"}


def test_old_runs_are_dropped_as_a_whole(store: Database) -> None:
    """An open run stays, however old it is; the newest runs keep all records."""
    log = SqliteAlarmLog(store, clock=lambda: 1000)
    for run, at in (("old", 100), ("new", 900), ("open", 50)):
        log.append(record(run, "started", at), record(run, "step", at))
    log.append(record("old", "ended", 990), record("new", "ended", 990))
    assert log.forget(older_than=500) == 3
    assert {one.run for one in log.latest(10)} == {"new", "open"}
    assert {one.run for one in log.latest(1)} == {"open"}
