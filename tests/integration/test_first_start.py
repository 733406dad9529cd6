"""A first start without anything: `/ready` and the log say what is missing."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.terminal import command
from tests.waiting import wait_until
from twilio_binding.sandbox.ports import free_port
from twilio_binding.sandbox.service_process import ServiceProcess


@pytest.mark.parametrize(
    ("things", "reason"),
    [
        ('["nope/*.things"]', "no file matches things = nope/*.things"),
        ('["empty.things"]', "no phone is configured"),
    ],
)
def test_nothing_is_there(tmp_path: Path, things: str, reason: str) -> None:
    """Without phones the service is useless, and says so; the log says that openHAB and the broker are missing."""
    (tmp_path / "empty.things").touch()
    nobody = free_port()
    settings = {
        "THINGS": things,
        "OPENHAB__URL": f"http://127.0.0.1:{nobody}",
        "MQTT__URL": f"mqtt://me:s3cret@127.0.0.1:{nobody}",
    }
    service = ServiceProcess(tmp_path, settings)
    with service:
        assert service.dependencies()["things"] == {"up": False, "reason": reason}
        wait_until(lambda: "openHAB does not answer" in service.log.read_text("utf-8"), 10, "openHAB to be missed")
        wait_until(lambda: f"mqtt.url is mqtt://127.0.0.1:{nobody}" in service.log.read_text("utf-8"), 10, "the broker")
        told = service.log.read_text("utf-8")
        assert (told.count("openhab.not_ready"), told.count("mqtt.not_ready")) == (1, 1)
        assert "s3cret" not in told


def test_sandbox_on_a_port_that_is_taken(tmp_path: Path) -> None:
    """The error names the option that helps."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = command(tmp_path, "sandbox", "--openhab-port", str(port), "--twilio-port", "0")
    assert refused.returncode == 1
    assert refused.stderr == f"Error: port {port} is taken; choose another with --openhab-port\n"


ROOT = Path(__file__).resolve().parents[2]


def test_clean_deletes_nothing_of_a_user(tmp_path: Path) -> None:
    """`make clean` deletes what can be created again, but no data, settings or things."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    own = ["data/twilio-binding.db", "twilio-binding.toml", "things/mine.things", "my/data/twilio-binding.db"]
    for name in own:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    subprocess.run(["make", "clean"], cwd=tmp_path, check=True, capture_output=True, timeout=30)
    assert [name for name in own if not (tmp_path / name).exists()] == []


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no checkout")
def test_readme_has_people_put_secrets_where_git_ignores_them(tmp_path: Path) -> None:
    """Following the README in a fresh clone, `check` finds the copy, and git ignores the files with tokens."""
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, clone], check=True, timeout=60)
    shutil.copy(ROOT / ".gitignore", clone)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (step,) = re.findall(r"^ +(mkdir -p .* && cp things/twilio.things .* && cd .*)$", readme, re.MULTILINE)
    folder = clone / step.rpartition(" ")[2]
    subprocess.run(["bash", "-ec", step], cwd=clone, check=True, timeout=30)
    (folder / "twilio-binding.toml").write_text('[openhab]\ntoken = "s3cret"\n', encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "data" / "relay-secret").write_text("s3cret", encoding="ascii")
    assert "1 file, 1 account, 1 phone" in command(folder, "check").stdout
    (clone / "things" / "own.things").touch()
    (clone / "items" / "own.items").touch()
    seen = subprocess.run(
        ["git", "status", "--short"], cwd=clone, check=True, capture_output=True, text=True, timeout=30
    )
    assert [line for line in seen.stdout.splitlines() if not line.endswith(".gitignore")] == []
