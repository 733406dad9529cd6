"""Media URLs and their bytes: rows in the database, files beside it.

A row names a file only when the file is complete and on disk; files that no row names are leftovers.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

from twilio_binding.media.ports import MediaEntry, MediaTooLargeError
from twilio_binding.model.content_types import Media
from twilio_binding.store.database import Database
from twilio_binding.store.picture_files import CarryOut, PictureFiles
from twilio_binding.store.sweep import PORTION, sweep

_ENTRY = "SELECT id, uuid, asked, source, expires, content_type, size, file FROM media"
_SIZE, _FILE = 6, 7
"""Their positions in a row of an entry."""
_ADD = """
    INSERT INTO media (uuid, request, asked, source, created, expires, content_type, size, file)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (request) DO NOTHING
"""
_FREE = "UPDATE media SET request = NULL WHERE request = ? AND expires <= ?"
_SENT = "SELECT 1 FROM requests WHERE id = ?"
_KEEP = "UPDATE media SET content_type = ?, size = ?, file = ? WHERE id = ? AND file IS NULL AND expires > ?"
_DROP = "UPDATE media SET file = NULL, size = NULL, expires = min(expires, ?) WHERE id = ?"
_EXPIRED = f"{_ENTRY} WHERE file IS NOT NULL AND expires <= ? LIMIT ?"
_BY_AGE = f"{_ENTRY} WHERE file IS NOT NULL ORDER BY expires > ?, id"
_OLD = """
    DELETE FROM media WHERE id IN
    (SELECT id FROM media WHERE expires < :before AND file IS NULL LIMIT :portion)
"""


class SqliteMediaShelf:
    """Media in SQLite and in `folder`, together at most `limit` bytes, each at most `most`.

    If there is no room, the oldest files are deleted, expired ones first. `clock` is in seconds since 1970. `carry_out`
    carries out what waits for the disk, one at a time.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        *,
        most: int,
        limit: int,
        clock: Callable[[], float] = time.time,
        carry_out: CarryOut = lambda work: work(),
    ) -> None:
        self._database = database
        self._files = PictureFiles(folder, carry_out)
        self._most = most
        self._limit = limit
        self._clock = clock
        self._storing = threading.Lock()

    def start(self) -> None:
        """Create the folder, and delete incomplete files of earlier processes; other files stay."""
        self._files.start({name for (name,) in self._database.read("SELECT file FROM media WHERE file IS NOT NULL")})

    def add(
        self, uuid: str, *, request_id: str, asked: str, source: str, expires: float, media: Media | None
    ) -> MediaEntry | None:
        """Store a URL, on disk, or return the live one that this id created before; None if the id is that of a send."""
        with self._storing:
            file = self._store(media.content) if media else None
            described = (media.content_type, len(media.content)) if media else ("", None)
            now = self._clock()
            row = (uuid, request_id, asked, source, now, expires, *described, file)

            def write(connection: sqlite3.Connection) -> bool:
                if connection.execute(_SENT, (request_id,)).fetchone():
                    return False
                connection.execute(_FREE, (request_id, now))
                return connection.execute(_ADD, row).rowcount == 1

            if not self._database.write(write) and file is not None:
                self._files.delete(file)
        return self.made_by(request_id)

    def made_by(self, request_id: str) -> MediaEntry | None:
        """The entry that a request with this id created before."""
        return _one(self._database, "request", request_id)

    def find(self, uuid: str) -> MediaEntry | None:
        """The entry of a URL."""
        return _one(self._database, "uuid", uuid)

    def keep(self, entry: MediaEntry, media: Media) -> MediaEntry:
        """Store the bytes of an entry, on disk; later bytes are ignored."""
        with self._storing:
            file = self._store(media.content)
            row = (media.content_type, len(media.content), file, entry.id, self._clock())
            if not self._database.write(lambda connection: connection.execute(_KEEP, row).rowcount):
                self._files.delete(file)
        return self.find(entry.uuid) or entry

    def open(self, entry: MediaEntry) -> BinaryIO:
        """Open the bytes of an entry; raises OSError if they are missing or incomplete."""
        rows = self._database.read("SELECT file FROM media WHERE id = ? AND file IS NOT NULL", (entry.id,))
        if not rows:
            raise FileNotFoundError("the entry has no file")
        return self._files.open(rows[0][0], entry.size)

    def unfetched(self) -> Sequence[MediaEntry]:
        """Live entries without bytes."""
        sql = f"{_ENTRY} WHERE file IS NULL AND source != '' AND expires > ? ORDER BY id"
        return [_entry(row) for row in self._database.read(sql, (self._clock(),))]

    def bytes_kept(self) -> int:
        """The size of all files in bytes."""
        kept: int = self._database.read("SELECT coalesce(sum(size), 0) FROM media WHERE file IS NOT NULL")[0][0]
        return kept

    def age(self, *, remember: float) -> int:
        """Delete the files of expired entries, and entries that expired `remember` seconds ago; returns the number of entries."""
        while True:
            with self._storing:
                expired = self._database.read(_EXPIRED, (self._clock(), PORTION))
                self._drop(expired)
            if len(expired) < PORTION:
                break
        return sweep(self._database, _OLD, before=self._clock() - remember)

    def _store(self, content: bytes) -> str:
        """Write a complete file to disk, or nothing, when there is room for it; returns its name."""
        if len(content) > min(self._most, self._limit):
            raise MediaTooLargeError(f"{len(content)} bytes are more than may be kept ({min(self._most, self._limit)})")
        too_many = self.bytes_kept() + len(content) - self._limit
        if too_many > 0:
            self._drop(_first(self._database.read(_BY_AGE, (self._clock(),)), too_many))
        return self._files.store(content)

    def _drop(self, rows: Sequence[tuple[object, ...]]) -> None:
        """Delete the bytes of entries. The row first, so that an entry never names a missing file."""
        now = self._clock()
        changes = [(now, row[0]) for row in rows]

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(_DROP, changes)

        if changes:
            self._database.write(write)
        for row in rows:
            self._files.delete(str(row[_FILE]))


def _first(rows: Sequence[tuple[Any, ...]], wanted: int) -> Sequence[tuple[Any, ...]]:
    """The first entries that together have the wanted number of bytes."""
    sizes = accumulate(row[_SIZE] for row in rows)
    return rows[: next((number for number, size in enumerate(sizes, start=1) if size >= wanted), len(rows))]


def _one(database: Database, column: str, value: str) -> MediaEntry | None:
    rows = database.read(f"{_ENTRY} WHERE {column} = ?", (value,))
    return _entry(rows[0]) if rows else None


def _entry(row: tuple[Any, ...]) -> MediaEntry:
    number, uuid, asked, source, expires, content_type, size, _ = row
    return MediaEntry(
        id=number,
        uuid=uuid,
        asked=asked,
        source=source,
        expires=expires,
        content_type=content_type,
        size=size,
    )
