"""Folders that may not exist yet: their names, and what there is of the path to them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def means_folder(name: str) -> bool:
    """Whether a name can only be that of a folder, because it ends with a slash or a dot."""
    return name.rpartition("/")[2] in ("", ".", "..")


def nearest(path: Path) -> Path:
    """The path itself, or the nearest one above it that this user can see: a folder, a file, or a link to nothing.

    Raises `OSError` for a name that no file can have.
    """
    for place in (path, *path.absolute().parents):
        with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            place.lstat()
            return place
    return Path("/")
