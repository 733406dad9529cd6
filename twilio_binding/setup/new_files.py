"""Files to write: shown first, then written together."""

from __future__ import annotations

import errno
import os
import re
import secrets
import signal
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from twilio_binding.folders import nearest
from twilio_binding.setup import machine
from twilio_binding.setup.errors import SetupError

_HIDDEN = "********"
_SECRET = re.compile(r"(?i)(\w*(?:token|secret|password|pin)\s*=\s*)([\"'])(?:[^\"'\\]|\\.)*\2")
_LOGIN = re.compile(r"://([^:/@\s]*):\S*@")
"""Up to the last @, also after a /, unlike `masking`: a person may have typed a password with characters that should be escaped."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file and its new content. `for_openhab`: openHAB must be able to read it, as it reads the folder."""

    file: Path
    text: str
    for_openhab: bool = False

    def difference(self, hidden: Iterable[str] = ()) -> str:
        """The changes as a unified diff without secrets."""
        shown = machine.difference(self.file, self.text)
        for secret in sorted(filter(None, hidden), key=len, reverse=True):
            shown = shown.replace(secret, _HIDDEN)
        return without_password(_SECRET.sub(rf"\1\2{_HIDDEN}\2", shown))


def without_password(text: str) -> str:
    """A text whose URLs keep the user, but show no password."""
    return _LOGIN.sub(rf"://\1:{_HIDDEN}@", text)


def not_writable(*folders: Path) -> Path | None:
    """The first folder in which this user cannot create files (for a missing folder, what there is of the path to it); None if there is none."""
    for folder in folders:
        there = nearest(folder)
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            return there
    return None


def write(files: Sequence[NewFile]) -> None:
    """Write all files, each atomically and readable only by its owner; raises `SetupError`, and then all files are unchanged."""
    beside: dict[Path, Path] = {}
    before: dict[Path, bytes | None] = {}
    try:
        with _uninterrupted():
            for one in files:
                beside[one.file.resolve()] = _prepare(one)
            for file, new in beside.items():
                before[file] = file.read_bytes() if file.exists() else None
                new.replace(file)
    except OSError as error:
        _put_back(before)
        raise SetupError(f"{error.filename}: {error.strerror}; nothing was written") from None
    finally:
        for new in beside.values():
            new.unlink(missing_ok=True)


def _put_back(before: dict[Path, bytes | None]) -> None:
    for file, content in before.items():
        with suppress(OSError):
            if content is None:
                file.unlink(missing_ok=True)
            else:
                file.write_bytes(content)


def _prepare(one: NewFile) -> Path:
    """Write the new file beside the old one, and create missing folders."""
    target = one.file.resolve()
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "it is not a regular file", str(target))
    for missing in reversed([folder for folder in target.parents if not folder.exists()]):
        missing.mkdir(mode=0o700)
        _give(missing, missing.parent)
    new = target.with_name(f".{target.name}.{secrets.token_hex(4)}.new")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(one.text)
            file.flush()
            os.fsync(file.fileno())
        _give(new, target if target.exists() else target.parent)
        if one.for_openhab and os.geteuid() not in (0, target.parent.stat().st_uid):
            # The folder belongs to a user of openHAB's group.
            os.chown(new, -1, target.parent.stat().st_gid)
            new.chmod(0o640)
    except OSError as error:
        new.unlink(missing_ok=True)
        # The error of a full disk names no file.
        raise OSError(error.errno, error.strerror, str(target)) from None
    return new


def _give(path: Path, like: Path) -> None:
    """As root, give it to the owner of the other file, and in the machine's own folders to the service."""
    if os.geteuid() == 0:
        owner = like.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
        machine.give_to_service(path)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A context in which Ctrl-C waits until all files are written."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
