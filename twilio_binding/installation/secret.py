"""The secret that only our side and openHAB's side know: the relay rule, and the script."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

import structlog

_log = structlog.get_logger(__name__)


def kept_secret(path: Path) -> str:
    """The secret in a file; made once, readable by the owner of its folder only."""
    secret = ""
    with suppress(FileNotFoundError):
        secret = path.read_text(encoding="ascii").strip()
        if not secret:
            # With no secret anybody could speak for us; a full disk can leave such a file behind.
            _log.warning("secret.made_anew", file=path.name, reason="it was empty; run twilio-binding install again")
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
