"""The demo, and what its log must not say."""

from __future__ import annotations

import re
from pathlib import Path

from lab.standins.stack import stack
from twilio_binding.actions import connect
from twilio_binding.sandbox.scene import Scene

SECRETS = ("your_auth_token", "oh.demo.0123456789")
BODIES = (
    "Hello from Ada",
    "Status",
    "Hi there",
    "open the door",
    "only once",
    "text 7 of 30",
    "All doors are closed",
    "front door is open",
    "porch light on",
)


def test_every_act_succeeds_and_the_log_keeps_its_secrets() -> None:
    """The whole scene is played, and no log line at any level contains a secret, a text or a phone number."""
    with stack() as up, connect(up.broker.url, name="demo") as client:
        told = [act() for _, act in Scene(up, client).acts()]
        secret = (up.folder / "data" / "relay-secret").read_text(encoding="ascii").strip()
        up.service.stop()
        log = up.service.log.read_text(encoding="utf-8")
    assert len(told) == 12
    assert "webhook.forged" in log
    for forbidden in (*SECRETS, *BODIES, secret):
        assert forbidden not in log
    assert not re.findall(r"\+\d{8,}", log)


def test_data_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    """Other users cannot read the database with its texts, nor the relay's secret."""
    with stack() as up:
        modes = {path.name: path.stat().st_mode & 0o077 for path in (up.folder / "data").iterdir()}
    assert modes
    assert all(mode == 0 for name, mode in modes.items() if not name.endswith(("-wal", "-shm"))), modes
