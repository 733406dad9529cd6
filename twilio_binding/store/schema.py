"""Upgrades an older database to the current version. The tables and columns themselves are in `migrations`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache

from twilio_binding.store.errors import DatabaseTooNewError
from twilio_binding.store.migrations import MIGRATIONS


def migrate(connection: sqlite3.Connection) -> None:
    """Upgrade the database to the current version; raises `DatabaseTooNewError` if its version is newer.

    A database of another program, without our tables, counts as damaged: raises `sqlite3.DatabaseError`.
    """
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        message = f"the database has version {version}, this program knows {len(MIGRATIONS)}; install a newer one"
        raise DatabaseTooNewError(message)
    _see_ours(connection, version)
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT;")


def _see_ours(connection: sqlite3.Connection, version: int) -> None:
    tables = _tables(connection)
    foreign = _expected(version) - tables if version else _expected(len(MIGRATIONS)) & tables
    if foreign:
        error = sqlite3.DatabaseError(f"it is a database of another program (look at {', '.join(sorted(foreign))})")
        error.sqlite_errorcode = sqlite3.SQLITE_NOTADB
        raise error


@cache
def _expected(version: int) -> frozenset[str]:
    """The tables that a database of a version has."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for script in MIGRATIONS[:version]:
            connection.executescript(script)
        return _tables(connection)


def _tables(connection: sqlite3.Connection) -> frozenset[str]:
    return frozenset(name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'"))
