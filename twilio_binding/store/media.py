"""Media URLs and their bytes: rows in the database, files beside it.

A row names a file only after the file is whole and on disk; files that no row names are leftovers.
"""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from twilio_binding.media.ports import MediaEntry, MediaTooLargeError
from twilio_binding.model.media import Media
from twilio_binding.store.database import Database

_OURS = re.compile(r"[0-9a-f]{32}(\.part)?")
_ENTRY = "SELECT id, uuid, asked, source, expires, content_type, size, file FROM media"
_SIZE, _FILE = 6, 7
"""Where they stand in a row of an entry."""
_ADD = """
    INSERT INTO media (uuid, request, asked, source, created, expires, content_type, size, file)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (request) DO NOTHING
"""
_FREE = "UPDATE media SET request = NULL WHERE request = ? AND expires <= ?"
_SENT = "SELECT 1 FROM requests WHERE id = ?"
_KEEP = "UPDATE media SET content_type = ?, size = ?, file = ? WHERE id = ? AND file IS NULL AND expires > ?"
_DROP = "UPDATE media SET file = NULL, size = NULL, expires = min(expires, ?) WHERE id = ?"


class SqliteMediaShelf:
    """Media in SQLite and in `folder`, together at most `limit` bytes, each at most `most`.

    Where there is no room the oldest go, the expired first. `clock` is in seconds since 1970.
    """

    def __init__(
        self, database: Database, folder: Path, *, most: int, limit: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._folder = folder
        self._most = most
        self._limit = limit
        self._clock = clock
        self._storing = threading.Lock()

    def start(self) -> None:
        """Make the folder, and clear away what an earlier run left half done there; what others put there stays."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = {name for (name,) in self._database.read("SELECT file FROM media WHERE file IS NOT NULL")}
        for path in self._folder.iterdir():
            if path.name not in known and _OURS.fullmatch(path.name):
                with suppress(OSError):
                    path.unlink()

    def add(
        self, uuid: str, *, request_id: str, asked: str, source: str, expires: float, media: Media | None
    ) -> MediaEntry | None:
        """Remember a URL, on disk, or find the live one that the id made before; None when the id is that of a send."""
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
                self._unlink(file)
        return self.made_by(request_id)

    def made_by(self, request_id: str) -> MediaEntry | None:
        """The entry that a request of this id made before."""
        return self._one("request", request_id)

    def find(self, uuid: str) -> MediaEntry | None:
        """What is known of a URL."""
        return self._one("uuid", uuid)

    def keep(self, entry: MediaEntry, media: Media) -> MediaEntry:
        """Keep the bytes of an entry, on disk; the first ones stay."""
        with self._storing:
            file = self._store(media.content)
            row = (media.content_type, len(media.content), file, entry.id, self._clock())
            if not self._database.write(lambda connection: connection.execute(_KEEP, row).rowcount):
                self._unlink(file)
        return self.find(entry.uuid) or entry

    def open(self, entry: MediaEntry) -> BinaryIO:
        """The bytes of an entry; raises OSError when they are gone or not whole."""
        rows = self._database.read("SELECT file FROM media WHERE id = ? AND file IS NOT NULL", (entry.id,))
        if not rows:
            raise FileNotFoundError("the entry has no file")
        name: str = rows[0][0]
        file = (self._folder / name).open("rb")
        if os.fstat(file.fileno()).st_size != entry.size:
            file.close()
            raise OSError("the file has another size than the entry says")
        return file

    def unfetched(self) -> Sequence[MediaEntry]:
        """Live entries whose bytes are not here yet."""
        sql = f"{_ENTRY} WHERE file IS NULL AND source != '' AND expires > ? ORDER BY id"
        return [_entry(row) for row in self._database.read(sql, (self._clock(),))]

    def bytes_kept(self) -> int:
        """How many bytes all files have."""
        kept: int = self._database.read("SELECT coalesce(sum(size), 0) FROM media WHERE file IS NOT NULL")[0][0]
        return kept

    def age(self, *, remember: float) -> int:
        """Delete the files of expired entries, and entries that expired `remember` seconds ago; how many those were."""
        with self._storing:
            self._drop(self._database.read(f"{_ENTRY} WHERE file IS NOT NULL AND expires <= ?", (self._clock(),)))
            before = self._clock() - remember
            sql = "DELETE FROM media WHERE expires < ? AND file IS NULL"
            return self._database.write(lambda connection: connection.execute(sql, (before,)).rowcount)

    def _one(self, column: str, value: str) -> MediaEntry | None:
        rows = self._database.read(f"{_ENTRY} WHERE {column} = ?", (value,))
        return _entry(rows[0]) if rows else None

    def _store(self, content: bytes) -> str:
        """Write a file, whole and on disk or not at all; its name."""
        if len(content) > min(self._most, self._limit):
            raise MediaTooLargeError(f"{len(content)} bytes are more than may be kept ({min(self._most, self._limit)})")
        self._make_room(len(content))
        name = secrets.token_hex(16)
        part, path = self._folder / f"{name}.part", self._folder / name
        try:
            with open(part, "xb", opener=_private) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.rename(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return name

    def _make_room(self, size: int) -> None:
        too_many = self.bytes_kept() + size - self._limit
        if too_many <= 0:
            return
        going = []
        for row in self._database.read(f"{_ENTRY} WHERE file IS NOT NULL ORDER BY expires > ? , id", (self._clock(),)):
            if too_many <= 0:
                break
            going.append(row)
            too_many -= row[_SIZE]
        self._drop(going)

    def _drop(self, rows: Sequence[tuple[object, ...]]) -> None:
        """Forget the bytes of entries. The row goes first: an entry never names a file that is not there."""
        now = self._clock()
        changes = [(now, row[0]) for row in rows]

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(_DROP, changes)

        if changes:
            self._database.write(write)
        for row in rows:
            self._unlink(str(row[_FILE]))

    def _unlink(self, file: str) -> None:
        (self._folder / file).unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


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
