"""The secret that only our side and openHAB's side know: the relay rule, and the script."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path


def kept_secret(path: Path) -> str:
    """The secret in a file; made once, readable by the owner of its folder only."""
    secret = ""
    with suppress(FileNotFoundError):
        secret = path.read_text(encoding="ascii").strip()
    # An empty file is what a full disk left behind: with no secret anybody could speak for us.
    return secret or _make(path)


def _make(path: Path) -> str:
    secret = secrets.token_hex(24)
    beside = path.with_name(f"{path.name}.new")
    beside.touch(mode=0o600)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(beside, owner.st_uid, owner.st_gid)
    beside.write_text(secret, encoding="ascii")
    beside.replace(path)
    return secret
