"""The files of an open database: whether written data can be found at their paths."""

from __future__ import annotations

from pathlib import Path

_SUFFIXES = ("", "-wal", "-shm")
Identity = tuple[int, int]


class FilesLostError(Exception):
    """A file of the database was deleted, replaced or truncated: what is written to it now is lost with the process."""


class OpenFiles:
    """Compares the files at the database's path with the open ones.

    Only names and sizes are compared: opening and closing a file here would release SQLite's locks.
    """

    def __init__(self, path: Path) -> None:
        self._files = [path.with_name(path.name + suffix) for suffix in _SUFFIXES]
        self._known: list[tuple[Identity, int] | None] = [None] * len(self._files)

    def note(self) -> None:
        """Note that the files at the paths are the ones that were just opened."""
        self._known = [None] * len(self._files)
        self.check()

    def check(self) -> None:
        """Raise `FilesLostError` if a file is not at its path, or has become shorter, which SQLite never does."""
        for number, file in enumerate(self._files):
            noted = self._known[number]  # before the comparison: another thread may note a longer file meanwhile
            identity, size = _found(file)
            known, longest = noted or (identity, 0)
            if identity is None and known is None:
                continue
            if identity is None:
                raise FilesLostError(f"{file.name} was deleted, or its folder is away")
            if identity != known:
                raise FilesLostError(f"{file.name} was replaced by another file")
            if size < longest:
                raise FilesLostError(f"{file.name} was cut to {size} bytes")
            self._known[number] = (identity, size)

    def lost(self) -> FilesLostError | None:
        """Why they are not the same any more; None if they are."""
        try:
            self.check()
        except FilesLostError as error:
            return error
        return None

    def is_ours(self) -> bool:
        """Whether the database at the path is the open one."""
        known = self._known[0]
        return known is not None and known[0] == _found(self._files[0])[0]


def _found(file: Path) -> tuple[Identity | None, int]:
    try:
        status = file.stat()
    except OSError:
        return None, 0
    return (status.st_dev, status.st_ino), status.st_size
