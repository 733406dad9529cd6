"""The files of pictures: each is complete and on disk, or missing."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

CarryOut = Callable[[Callable[[], object]], object]
_OURS = re.compile(r"[0-9a-f]{32}(\.part)?")


class PictureFiles:
    """Files in `folder`, under names that it chooses. `carry_out` carries out what waits for the disk, one at a time."""

    def __init__(self, folder: Path, carry_out: CarryOut) -> None:
        self._folder = folder
        self._carry_out = carry_out

    def start(self, known: Collection[str]) -> None:
        """Create the folder, and delete picture files that are not `known`; all others stay."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in self._folder.iterdir():
            if path.name not in known and _OURS.fullmatch(path.name):
                with suppress(OSError):
                    path.unlink()

    def store(self, content: bytes) -> str:
        """Write a complete file to disk, or nothing; returns its name. One caller at a time."""
        name = secrets.token_hex(16)
        self._carry_out(lambda: _write(self._folder, name, content))
        return name

    def open(self, name: str, size: int | None) -> BinaryIO:
        """Open the bytes of a file; raises OSError if they are missing or not `size` bytes."""
        file = (self._folder / name).open("rb")
        if os.fstat(file.fileno()).st_size != size:
            file.close()
            raise OSError("the file has another size than the entry says")
        return file

    def delete(self, name: str) -> None:
        """Delete a file, if it exists."""
        (self._folder / name).unlink(missing_ok=True)


def _write(folder: Path, name: str, content: bytes) -> None:
    part = folder / f"{name}.part"
    try:
        with open(part, "xb", opener=_private) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(folder / name)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
