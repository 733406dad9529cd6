"""The secret that the service shares with the relay rule and the script inside openHAB."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

import structlog

_log = structlog.get_logger(__name__)

_SECRET = re.compile(rb"[!-~]{16,4096}")


def read_secret(path: Path) -> str:
    """The secret in a file; "" if there is no file, or no secret in it. Raises `OSError`."""
    try:
        with path.open("rb") as file:
            content = file.read(8192).strip()
    except FileNotFoundError:
        return ""
    return content.decode("ascii") if _SECRET.fullmatch(content) else ""


def kept_secret(path: Path) -> str:
    """The secret in a file; created once, readable only by the owner of its folder."""
    secret = read_secret(path)
    if not secret and path.exists():
        # Without a secret, anybody could pretend to be the service. A full disk can leave an empty file, a crash one of zeros.
        _log.warning("secret.made_anew", file=path.name, reason="it held none; run twilio-binding install again")
    return secret or _make(path)


def _make(path: Path) -> str:
    secret = secrets.token_hex(24)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            if os.geteuid() == 0:
                owner = path.parent.stat()
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return secret
