"""A first start at which nothing is there yet: it is said what is missing, in `/ready` and in the log."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.integration.test_commands import command
from tests.waiting import wait_until
from twilio_binding.sandbox.house import Sidecar
from twilio_binding.sandbox.ports import free_port


@pytest.mark.parametrize(
    ("things", "reason"),
    [
        ('["nope/*.things"]', "no file matches things = nope/*.things"),
        ('["empty.things"]', "no phone is configured"),
    ],
)
def test_nothing_is_there(tmp_path: Path, things: str, reason: str) -> None:
    """Without phones the service is of no use, and says so; that openHAB and the broker are missing stands in the log."""
    (tmp_path / "empty.things").touch()
    nobody = free_port()
    settings = {
        "THINGS": things,
        "OPENHAB__URL": f"http://127.0.0.1:{nobody}",
        "MQTT__URL": f"mqtt://me:s3cret@127.0.0.1:{nobody}",
    }
    sidecar = Sidecar(tmp_path, settings)
    with sidecar:
        assert sidecar.neighbours()["things"] == {"up": False, "reason": reason}
        wait_until(lambda: "openHAB does not answer" in sidecar.log.read_text("utf-8"), 10, "openHAB to be missed")
        wait_until(lambda: f"mqtt.url is mqtt://127.0.0.1:{nobody}" in sidecar.log.read_text("utf-8"), 10, "the broker")
        told = sidecar.log.read_text("utf-8")
        assert (told.count("openhab.not_ready"), told.count("mqtt.not_ready")) == (1, 1)
        assert "s3cret" not in told


def test_sandbox_on_a_port_that_is_taken(tmp_path: Path) -> None:
    """The option that helps is named."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = command(tmp_path, "sandbox", "--openhab-port", str(port), "--twilio-port", "0")
    assert refused.returncode == 1
    assert refused.stderr == f"Error: port {port} is taken; choose another with --openhab-port\n"
