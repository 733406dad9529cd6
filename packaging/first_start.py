"""Makes what the containers of compose.yaml need in their volume: `first_start.py FOLDER [ACL]`. What is there already stays.

Standard library only. The passwords of the broker's users are made up here; they are in FOLDER/broker/passwords.txt.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import sys
from pathlib import Path

_USERS = ("twilio-binding", "openhab", "programs")
_ROUNDS = 101
"""Of PBKDF2, as mosquitto_passwd has them: the passwords are random and long."""
_BROKER = """\
# Made at the first start. The access list is twilio.acl; see docs/broker.md.
listener 1883
allow_anonymous false
password_file {folder}/mosquitto.passwd
acl_file {folder}/twilio.acl
persistence true
persistence_location {folder}/
log_dest stdout
set_tcp_nodelay true
# Keep requests while the service is down.
max_queued_messages 10000
"""
_SETTINGS = """\
# Made at the first start; `twilio-binding setup` adds the rest.
[openhab]
url = "http://host.docker.internal:8080"

[mqtt]
url = "mqtt://twilio-binding:{password}@broker:1883"
"""


def prepare(folder: Path, access_list: Path) -> None:
    """Make each file that is not there, for its owner only."""
    broker = folder / "broker"
    broker.mkdir(mode=0o700, parents=True, exist_ok=True)
    passwords = _passwords(broker / "passwords.txt")
    _make(broker / "mosquitto.passwd", "".join(f"{user}:{_hashed(word)}\n" for user, word in passwords.items()))
    _make(broker / "twilio.acl", access_list.read_text(encoding="utf-8"))
    _make(broker / "mosquitto.conf", _BROKER.format(folder=broker))
    _make(folder / "twilio-binding.toml", _SETTINGS.format(password=passwords["twilio-binding"]))


def _passwords(file: Path) -> dict[str, str]:
    _make(file, "".join(f"{user} {secrets.token_urlsafe(24)}\n" for user in _USERS))
    words = dict(line.split(maxsplit=1) for line in file.read_text(encoding="ascii").splitlines() if line.strip())
    if "twilio-binding" not in words:
        sys.exit(f"{file} has no line `twilio-binding PASSWORD`; delete it and mosquitto.passwd to get new passwords")
    return words


def _hashed(password: str) -> str:
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS)
    return "$7${}${}${}".format(_ROUNDS, *(base64.b64encode(part).decode() for part in (salt, digest)))


def _make(file: Path, text: str) -> None:
    """Write it under another name first: a file that is there is whole."""
    if file.exists():
        return
    unfinished = file.with_name(file.name + ".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text)
    unfinished.rename(file)
    sys.stdout.write(f"made {file}\n")


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).with_name("twilio.acl"))
