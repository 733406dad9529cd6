"""Files below openHAB's conf folder: replaced as a whole, owned by the folder's owner, with readable errors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twilio_binding.protocol.errors import TwilioBindingError


class InstallationError(TwilioBindingError):
    """The folder cannot be used; the text says why and what to do."""

    code = "installation"


def replace_file(target: Path, content: bytes, *, mode: int, owner: os.stat_result) -> None:
    """Replace a file as a whole, because openHAB may be reading it. As root, give it and new folders to `owner`."""
    missing = [folder for folder in (target.parent, *target.parent.parents) if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
    if os.geteuid() == 0:
        for made in (beside, *missing):
            os.chown(made, owner.st_uid, owner.st_gid)
    beside.replace(target)


@contextmanager
def in_words(root: Path) -> Iterator[None]:
    """Turn errors of the file system into `InstallationError`."""
    try:
        yield
    except PermissionError as error:
        text = f"{error.filename or root} cannot be changed; run this as root or as openHAB's user"
        raise InstallationError(text) from None
    except OSError as error:
        raise InstallationError(f"{error.filename or root}: {error.strerror}") from None
