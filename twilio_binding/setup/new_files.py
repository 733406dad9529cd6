"""Files that are to be written: shown first, then written together."""

from __future__ import annotations

import os
import re
import secrets
import signal
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from twilio_binding.setup import machine
from twilio_binding.setup.errors import SetupError

_HIDDEN = "********"


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file and what is to be in it. With `as_folder` it is given to the owner of its folder, as openHAB needs it."""

    file: Path
    text: str
    as_folder: bool = False

    def difference(self, hidden: Iterable[str]) -> str:
        """What changes, as a unified diff in which these secrets cannot be read; "" for nothing."""
        shown = machine.difference(self.file, self.text)
        for secret in sorted(filter(None, hidden), key=len, reverse=True):
            shown = shown.replace(secret, _HIDDEN)
        return re.sub(r"://([^:/@\s]*):[^@/\s]*@", rf"://\1:{_HIDDEN}@", shown)


def write(drafts: Sequence[NewFile]) -> None:
    """Write all files, each whole and for its owner only; raises `SetupError`, and then none of them is changed."""
    beside: dict[Path, Path] = {}
    try:
        with _uninterrupted():
            for draft in drafts:
                beside[draft.file] = _prepare(draft)
            for file, new in beside.items():
                new.replace(file)
    except OSError as error:
        raise SetupError(f"{error.filename}: {error.strerror}; nothing was written") from None
    finally:
        for new in beside.values():
            new.unlink(missing_ok=True)


def _prepare(draft: NewFile) -> Path:
    """Write the new file beside the old one, and make the folders that are missing."""
    folder = draft.file.parent
    for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        missing.mkdir(mode=0o700)
        machine.give_to_service(missing)
    new = draft.file.with_name(f".{draft.file.name}.{secrets.token_hex(4)}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(draft.text)
        file.flush()
        os.fsync(file.fileno())
    if draft.as_folder and os.geteuid() == 0:
        owner = folder.stat()
        os.chown(new, owner.st_uid, owner.st_gid)
    else:
        machine.give_to_service(new)
    return new


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until all files are written."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
