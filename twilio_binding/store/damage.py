"""Handles a damaged database: sets it aside, and rescues what can still be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from twilio_binding.clock import local_now
from twilio_binding.store.schema import migrate

_MARK = ".damaged-"
_RESCUING, _RESCUED = ".rescuing", ".rescued"
_CORRUPT, _NOT_A_DATABASE = sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB
_INSERT = "INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})"
_ROWS = "SELECT {names} FROM {table} NOT INDEXED"
_OF_THE_ROWS = (0, sqlite3.SQLITE_ERROR, _CORRUPT, _NOT_A_DATABASE)
_OF_THE_ROWS_EXTENDED = (sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ)
"""Errors of rows or their table that cannot be read; all others, such as a lock or a full disk, may pass."""


def is_damage(error: BaseException) -> bool:
    """Whether an error means that the file is damaged, and not that the disk is full or the file locked."""
    return isinstance(error, sqlite3.DatabaseError) and _code(error) in (_CORRUPT, _NOT_A_DATABASE)


def check(connection: sqlite3.Connection) -> None:
    """A write that detects damage which a reader has found."""
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        error = sqlite3.DatabaseError(verdict)
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def rescue(path: Path, source: sqlite3.Connection | None = None) -> int:
    """Copy the readable rows of a damaged database to a new one beside it; returns their number.

    `source` is a connection that is still open, if the file is no longer at its path. The damaged file stays until
    `replace` is called, so a crash before that loses nothing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + _RESCUING)
    for suffix in ("", "-journal"):
        beside.with_name(beside.name + suffix).unlink(missing_ok=True)
    beside.touch(mode=0o600)  # it contains message texts
    with closing(sqlite3.connect(beside, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        migrate(connection)
        connection.execute("BEGIN IMMEDIATE")
        if source is None:
            with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as damaged:
                copied = _salvage(damaged, connection)
        else:
            copied = _salvage(source, connection)
        connection.execute("COMMIT")
    beside.replace(path.with_name(path.name + _RESCUED))
    return copied


def replace(path: Path) -> Path | None:
    """Set the damaged database aside and put the rescued one in its place, also if a crash interrupted that before.

    Returns the damaged file; None if there is no rescued database, or there was nothing to set aside.
    """
    rescued = path.with_name(path.name + _RESCUED)
    if not rescued.is_file():
        return None
    aside = path.with_name(f"{path.name}{_MARK}{local_now():%Y%m%d-%H%M%S-%f}")
    for suffix in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    rescued.rename(path)
    return aside if aside.exists() else None


def found_aside(path: Path) -> list[Path]:
    """The databases that were set aside in place of this one, and still exist."""
    found = path.parent.glob(f"{path.name}{_MARK}*")
    return sorted(one for one in found if not one.name.endswith(("-wal", "-shm")))


def _salvage(source: sqlite3.Connection, connection: sqlite3.Connection) -> int:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid").fetchall()
    copied = 0
    for (table,) in tables:
        # The damaged database may have an older version, with other columns.
        known = _columns(connection, table)
        columns = [column for column in _columns(source, table) if column in known]
        if not columns:
            continue
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        insert = _INSERT.format(table=table, names=names, marks=marks)
        for row in _readable(source, _ROWS.format(table=table, names=names)):
            with suppress(sqlite3.IntegrityError):
                copied += connection.execute(insert, row).rowcount
    return copied


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [str(row[1]) for row in _readable(connection, f"PRAGMA table_info({table})")]


def _readable(source: sqlite3.Connection, sql: str) -> Iterator[tuple[object, ...]]:
    """The rows until the first unreadable one.

    Raises errors that do not concern the rows (a lock, a full disk), because the rows could be read later.
    """
    try:
        yield from source.execute(sql)
    except sqlite3.Error as error:
        extended = getattr(error, "sqlite_errorcode", 0)
        if _code(error) not in _OF_THE_ROWS and extended not in _OF_THE_ROWS_EXTENDED:
            raise


def _code(error: BaseException) -> int:
    """SQLite's result code without its extension; 0 if there is none."""
    return (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
