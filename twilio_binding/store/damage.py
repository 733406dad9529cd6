"""A database file that SQLite cannot read any more: set aside, and what can still be read of it taken along."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

_MARK = ".damaged-"
_CORRUPT, _NOT_A_DATABASE = 11, 26


def is_damage(error: BaseException) -> bool:
    """Whether an error means that the file is damaged, and not that the disk is full or somebody holds a lock."""
    code = getattr(error, "sqlite_errorcode", 0) or 0
    return isinstance(error, sqlite3.DatabaseError) and code & 0xFF in (_CORRUPT, _NOT_A_DATABASE)


def set_aside(path: Path) -> Path:
    """Rename a database with its journal files; returns its new path."""
    aside = path.with_name(f"{path.name}{_MARK}{datetime.now().astimezone():%Y%m%d-%H%M%S-%f}")
    for suffix in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside


def found_aside(path: Path) -> list[Path]:
    """The databases that were set aside in the place of this one and are still there."""
    found = path.parent.glob(f"{path.name}{_MARK}*")
    return sorted(one for one in found if not one.name.endswith(("-wal", "-shm")))


def salvage(damaged: Path, connection: sqlite3.Connection) -> int:
    """Copy all rows that can be read from a damaged database into a new one; returns how many that were."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid").fetchall()
    copied = 0
    with closing(sqlite3.connect(damaged, timeout=1, isolation_level=None)) as source:
        for (table,) in tables:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            insert = f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
            for row in _readable(source, f"SELECT {', '.join(columns)} FROM {table}"):  # noqa: S608 - our own names
                with suppress(sqlite3.IntegrityError):
                    copied += connection.execute(insert, row).rowcount
    return copied


def _readable(source: sqlite3.Connection, sql: str) -> Iterator[tuple[object, ...]]:
    """Rows until the first that cannot be read."""
    with suppress(sqlite3.Error):
        yield from source.execute(sql)
