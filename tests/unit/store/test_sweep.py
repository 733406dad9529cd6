"""Old rows are deleted in portions that block nothing, and are found by an index."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, get_args

import pytest

from tests.waiting import wait_until
from twilio_binding import store as stores
from twilio_binding.incoming.ports import Lane
from twilio_binding.model.events import Event
from twilio_binding.store import Database, SqliteJournal, SqliteMediaShelf
from twilio_binding.store.sweep import PORTION, sweep

_DELETE = (
    "DELETE FROM listeners WHERE channel IN (SELECT channel FROM listeners WHERE channel < :before LIMIT :portion)"
)


@pytest.mark.parametrize("rows", [0, 1, PORTION, 2 * PORTION + 1])
def test_portions(store: Database, rows: int) -> None:
    """No transaction changes more than a portion, and nothing is left in the end."""
    _fill(store, rows)
    changed = _watched_commits(store)
    assert sweep(store, _DELETE, before=1e9) == rows
    assert (max(changed), sum(changed)) == (min(rows, PORTION), rows)
    assert store.read("SELECT count(*) FROM listeners") == [(0,)]


def test_others_come_first(store: Database) -> None:
    """Writes that arrived meanwhile are carried out between two portions."""
    _fill(store, 2 * PORTION)
    order: list[str] = []
    inside, go_on = threading.Event(), threading.Event()

    def block(_: sqlite3.Connection) -> None:
        inside.set()
        go_on.wait(60)

    store.enter(block)
    assert inside.wait(30)
    store.enter(lambda _: order.append("portion"), haste="idle")
    store.enter(lambda _: order.append("portion"), haste="idle")
    for _ in range(300):  # more than share a commit
        last = store.enter(lambda _: order.append("text"))
    store.enter(lambda _: order.append("call"), haste="urgent")
    go_on.set()
    last.result(30)
    store.write(lambda _: None, haste="idle")
    assert order == ["call", *["text"] * 300, "portion", "portion"]


def test_others_do_not_keep_it_for_ever(store: Database) -> None:
    """While writes arrive without end, a portion waits a second, not forever."""
    ended = threading.Event()

    def write() -> None:
        while not ended.is_set():
            store.write(lambda _: None)

    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(write)
        try:
            store.enter(lambda _: None, haste="idle").result(30)
        finally:
            ended.set()


def test_closed_meanwhile(store: Database) -> None:
    """The end of the process ends it."""
    store.stop()
    assert sweep(store, _DELETE, before=1e9) == 0


def test_nothing_is_read_in_vain(store: Database, tmp_path: Path) -> None:
    """What is to be deleted is found by an index: no table is read as a whole."""
    statements: list[str] = []
    store.write(lambda connection: connection.set_trace_callback(statements.append))
    SqliteJournal(store).record(Event(thing="t", states=(), channel="c", payload="{}", urgent=False, lifetime=1))
    modules = [import_module(f"{stores.__name__}.{module.name}") for module in iter_modules(stores.__path__)]
    found = {one for module in modules for one in vars(module).values() if isinstance(one, type)}
    forgetful = [one for one in found if hasattr(one, "forget")]
    assert len(forgetful) >= 6
    for one in forgetful:
        one(store).forget(older_than=1)
    SqliteMediaShelf(store, tmp_path, most=1, limit=1).age(remember=1)
    store.write(lambda connection: connection.set_trace_callback(None))
    sweeps = {statement for statement in statements if " LIMIT " in statement and "SELECT id, answer" not in statement}
    sweeps = {statement for statement in sweeps if statement.lstrip().startswith(("DELETE", "UPDATE"))}
    assert len(sweeps) >= 14
    for statement in sweeps:
        plan = [str(row[3]) for row in store.read(f"EXPLAIN QUERY PLAN {statement}")]
        scans = [step for step in plan if step.startswith("SCAN") and " USING " not in step]
        assert not scans, statement


def test_events_go_in_small_portions(store: Database) -> None:
    """An event is in many indexes: few are deleted in one transaction, and all of them in one round."""
    journal = SqliteJournal(store, clock=lambda: 0.0)
    event = Event(thing="t", states=(), channel="sms-received", payload='{"from": "+1"}', urgent=False, lifetime=1)
    number = 1050
    ids = [journal.record(event).id for _ in range(3)]
    sql = "INSERT INTO events SELECT id + ?, NULL, NULL, thing, received, lifetime, 0, states, channel, payload, NULL, 1, 1 FROM events WHERE id = ?"
    more = [(place, ids[-1]) for place in range(1, number + 1)]
    store.write(lambda connection: connection.executemany(sql, more))
    dropped = _watched_commits(store)
    assert SqliteJournal(store, clock=lambda: 10.0).forget(older_than=1) == number
    assert max(dropped) <= 101  # the last one has the sweep of whoever wrote, too
    assert [row[0] for row in store.read("SELECT id FROM events ORDER BY id")] == ids


def test_counts_read_nothing_in_vain(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `/metrics` and `/ready` count in the journal is found by an index."""
    statements: list[tuple[str, tuple[object, ...]]] = []
    read = store.read

    def noted(sql: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        statements.append((sql, parameters))
        return read(sql, parameters)

    monkeypatch.setattr(store, "read", noted)
    journal = SqliteJournal(store)
    assert [(journal.backlog(lane), journal.set_aside(lane)) for lane in get_args(Lane)] == [(0, 0)] * 2
    assert len(statements) == 4
    for statement, parameters in statements:
        plan = [str(row[3]) for row in read(f"EXPLAIN QUERY PLAN {statement}", parameters)]
        assert all(" USING " in step for step in plan), (statement, plan)


def _fill(store: Database, rows: int) -> None:
    store.write(
        lambda connection: connection.executemany(
            "INSERT INTO listeners VALUES (?)", [(f"{number:05}",) for number in range(rows)]
        )
    )


def _watched_commits(store: Database) -> list[int]:
    """How many rows each transaction changes, from now on."""
    changed: list[int] = [0]

    def watch(connection: sqlite3.Connection) -> None:
        before = connection.total_changes

        def note(statement: str) -> None:
            nonlocal before
            if statement == "COMMIT":
                changed.append(connection.total_changes - before)
                before = connection.total_changes

        connection.set_trace_callback(note)

    store.write(watch)
    wait_until(lambda: len(changed) > 1, 5, "the first commit")
    return changed
