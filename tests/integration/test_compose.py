"""The containers of compose.yaml, tested without an engine: the file, the first start, the broker, the health check."""

from __future__ import annotations

import re
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.test_packaging_broker import somebody
from tests.terminal import command
from tests.waiting import wait_until
from twilio_binding.sandbox.ports import free_port
from twilio_binding.sandbox.service_process import ServiceProcess

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
COMPOSE: dict[str, Any] = yaml.safe_load((PACKAGING / "compose.yaml").read_text(encoding="utf-8"))
CONTAINER = (PACKAGING / "Containerfile").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
KEYS = {
    "image",
    "build",
    "entrypoint",
    "command",
    "depends_on",
    "environment",
    "extra_hosts",
    "ports",
    "healthcheck",
    "network_mode",
    "tmpfs",
    "user",
    "read_only",
    "cap_drop",
    "security_opt",
    "volumes",
    "ulimits",
    "stop_grace_period",
    "restart",
}
"""Keys of a service in the Compose Specification, as far as we use them."""
PATH = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"
needs_mosquitto = pytest.mark.skipif(not shutil.which("mosquitto", path=PATH), reason="mosquitto is missing")


def prepare(folder: Path) -> str:
    """The first start, with the Python of this machine."""
    run = [sys.executable, "-I", str(PACKAGING / "first_start.py"), str(folder)]
    return subprocess.run(run, capture_output=True, text=True, check=True, timeout=20).stdout


def passwords(folder: Path) -> dict[str, str]:
    """Users with their passwords."""
    lines = (folder / "broker" / "passwords.txt").read_text(encoding="ascii").splitlines()
    return dict(line.split(" ", 1) for line in lines)


def test_file_is_one_of_compose() -> None:
    """It has only keys of the specification; each dependency, volume and path exists."""
    assert COMPOSE.keys() == {"name", "services", "volumes"}
    assert list(COMPOSE["volumes"]) == ["data"]
    for name, service in SERVICES.items():
        assert service.keys() <= KEYS, name
        assert service["volumes"] == ["data:/data"]
        assert service.get("depends_on", {}).keys() <= SERVICES.keys()
    build = SERVICES["prepare"]["build"]
    assert ((PACKAGING / build["context"]).resolve(), (ROOT / build["dockerfile"]).is_file()) == (ROOT, True)
    assert SERVICES["service"]["image"] == SERVICES["prepare"]["image"]


@pytest.mark.parametrize("name", SERVICES)
def test_containers_may_do_little(name: str) -> None:
    """None runs as root or can become root, none writes outside the volume, and no port is reachable from other machines."""
    service = SERVICES[name]
    user = re.findall(r"^USER (\S+)$", CONTAINER, re.MULTILINE)[-1]
    assert (service["user"], service["read_only"], service["cap_drop"]) == (user, True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert [port for port in service.get("ports", []) if not port.startswith("127.0.0.1:")] == []


def test_commands_in_the_image_exist(tmp_path: Path) -> None:
    """The image contains the programs in compose.yaml, and its commands are ours."""
    script = SERVICES["prepare"]["entrypoint"][1]
    assert f"packaging/{Path(script).name} " in CONTAINER
    assert str(Path(script).parent) in CONTAINER
    check = re.findall(r'CMD \["twilio-binding", (.+)\]$', CONTAINER, re.MULTILINE)[0]
    words = [word.strip('"') for word in check.split(", ")]
    refused = command(tmp_path, *words, ADMIN__LISTEN=f"127.0.0.1:{free_port()}")
    assert (refused.returncode, refused.stderr.count("no service answers at admin.listen")) == (1, 1)


def test_context_has_what_the_image_is_built_from() -> None:
    """The build context has every file that is copied, and none that may contain secrets."""
    let_in = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    copied = [
        word for line in re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINER, re.MULTILINE) for word in line.split()
    ]
    tops = {Path(name).parts[0] for name in let_in}
    assert {Path(name).parts[0] for name in copied} <= tops
    assert tops & {"my", "data", ".git", ".venv", "twilio-binding.toml"} == set()


def test_first_start_keeps_what_is_there(tmp_path: Path) -> None:
    """The second start changes nothing and prints no passwords; only the owner can read the created files."""
    told = prepare(tmp_path)
    made = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert len(set(passwords(tmp_path).values())) == 3
    assert [word for word in passwords(tmp_path).values() if word in told or len(word) < 24] == []
    assert [path for path in made if stat.S_IMODE(path.stat().st_mode) != 0o600] == []
    settings = tmp_path / "twilio-binding.toml"
    settings.write_bytes(made[settings] + b"# mine\n")
    assert prepare(tmp_path) == ""
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == made | {
        settings: made[settings] + b"# mine\n"
    }


def test_first_start_that_was_cut_short(tmp_path: Path) -> None:
    """Existing passwords are used for missing files, and an incomplete file counts as missing."""
    prepare(tmp_path)
    before = passwords(tmp_path)
    (tmp_path / "broker" / "mosquitto.passwd").rename(tmp_path / "broker" / "mosquitto.passwd.new")
    (tmp_path / "twilio-binding.toml").unlink()
    assert prepare(tmp_path).count("made ") == 2
    assert passwords(tmp_path) == before
    assert before["twilio-binding"] in (tmp_path / "twilio-binding.toml").read_text(encoding="utf-8")


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A real mosquitto with the files of the first start, on its own port."""
    prepare(tmp_path)
    found = free_port()
    config = tmp_path / "broker" / "mosquitto.conf"
    text = config.read_text(encoding="utf-8").replace("listener 1883", f"listener {found} 127.0.0.1\nuser root")
    config.write_text(text, encoding="utf-8")
    program = shutil.which("mosquitto", path=PATH)
    assert program
    process = subprocess.Popen([program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _listens(found), 10, "mosquitto")
        yield found
    finally:
        process.terminate()
        process.wait(30)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
        return True
    return False


@needs_mosquitto
def test_broker_and_service_of_the_first_start(port: int, tmp_path: Path) -> None:
    """The service connects with the created settings; nobody gets in without a password, and `health` shows the state."""
    with somebody(port, "") as stranger:
        assert stranger.greeting in {"Not authorized", "Bad user name or password"}
    with somebody(port, "openhab", passwords(tmp_path)["openhab"]) as openhab:
        assert openhab.greeting == "Success"
        assert not openhab.may_write("twilio/status")
    (url,) = re.findall(r'^url = "(mqtt://.+)"$', (tmp_path / "twilio-binding.toml").read_text("utf-8"), re.MULTILINE)
    settings = {"MQTT__URL": url.replace("broker:1883", f"127.0.0.1:{port}"), "OPENHAB__URL": "http://127.0.0.1:1"}
    with ServiceProcess(tmp_path, settings) as service:
        service.wait_ready("mqtt")
        at = {"ADMIN__LISTEN": service.admin_url.removeprefix("http://")}
        live, ready = command(tmp_path, "health", "--live", **at), command(tmp_path, "health", **at)
    assert (live.returncode, live.stdout) == (0, "alive\n")
    assert (ready.returncode, "mqtt: up\n" in ready.stdout, "openhab: down (" in ready.stdout) == (1, True, True)
