"""One settings file for the service and every command, in any working folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import command
from twilio_binding.sandbox.broker import BrokerProcess
from twilio_binding.sandbox.ports import free_port
from twilio_binding.sandbox.service_process import SEEDS


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user whose settings are in the usual place; returns the folder of the settings."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "home" / ".config" / "twilio-binding"
    (folder / "things").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    return folder


def test_commands_mean_the_data_of_the_service(tmp_path: Path, user: Path, broker: BrokerProcess) -> None:
    """Service, `events`, `data`, `things` and `install` find the same settings and data by themselves from any folder."""
    things = (SEEDS / "things" / "twilio.things").read_text(encoding="utf-8")
    (user / "things" / "twilio.things").write_text(things, encoding="utf-8")
    (user / "twilio-binding.toml").write_text(
        f"""
        [openhab]
        url = "http://127.0.0.1:{free_port()}"
        [mqtt]
        url = "{broker.url}"
        base_topic = "of-one-file"
        [webhook]
        listen = "127.0.0.1:{free_port()}"
        [admin]
        listen = "127.0.0.1:0"
        [twilio]
        api_url = "http://127.0.0.1:{free_port()}"
        """,
        encoding="utf-8",
    )
    with subprocess.Popen(
        [sys.executable, "-m", "twilio_binding", "run"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(SEEDS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as service:
        try:
            assert service.stdout is not None
            assert service.stdout.readline().startswith("webhook http://")
            elsewhere = tmp_path / "elsewhere"
            data = tmp_path / "home" / ".local" / "share" / "twilio-binding"
            assert (data / "twilio-binding.db").is_file()
            assert command(elsewhere, "events").stdout == "Nothing came in yet.\n"
            assert command(elsewhere, "data", "backup", "copy.tar.gz").returncode == 0
            assert command(elsewhere, "check").stdout.endswith(
                f"Read from settings file {user / 'twilio-binding.toml'}.\n"
            )
            (elsewhere / "conf" / "items").mkdir(parents=True)
            installed = command(elsewhere, "install", "conf")
            assert installed.returncode == 0
            assert "Created a secret" not in installed.stdout
            assert sorted(path.name for path in elsewhere.iterdir()) == ["conf", "copy.tar.gz"]
        finally:
            service.terminate()
            log = service.communicate(timeout=20)[1]
    assert f"settings file {user / 'twilio-binding.toml'}" in log


@pytest.mark.parametrize("arguments", [("events",), ("replay", "1"), ("data", "backup", "copy.tar.gz")])
def test_command_that_finds_no_data_tells_whose(tmp_path: Path, user: Path, arguments: tuple[str, ...]) -> None:
    """A command that finds an empty folder names the settings file that it comes from, or says that there is none."""
    done = command(tmp_path / "elsewhere", *arguments)
    assert done.returncode == 1
    assert done.stderr.endswith("check data_dir (read from environment and defaults, without a settings file)\n")
    (user / "twilio-binding.toml").touch()
    done = command(tmp_path / "elsewhere", *arguments)
    assert done.stderr.endswith(f"check data_dir (read from settings file {user / 'twilio-binding.toml'})\n")


@pytest.mark.parametrize("arguments", [("data", "backup", "-"), ("check", "--config", "-")])
def test_a_dash_is_no_file(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """A name that means standard output elsewhere is refused, and does not become that of a file with secrets."""
    done = command(tmp_path, *arguments)
    assert (done.returncode, "name a file" in done.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_help_tells_the_order_of_search(tmp_path: Path) -> None:
    """`--help` names each place."""
    told = "".join(command(tmp_path, "events", "--help").stdout.split())
    places = ["$TWILIO_BINDING_CONFIG", "twilio-binding.toml,", "~/.config/twilio-binding/", "/etc/twilio-binding/"]
    assert all(place in told for place in places)
    assert [told.index(place) for place in places] == sorted(told.index(place) for place in places)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else for a moment")
def test_settings_of_somebody_else(tmp_path: Path) -> None:
    """A user who cannot read the settings gets an error, and no other file is used."""
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "twilio-binding.toml").write_text("[openhab]\ntoken = 's3cret'\n", encoding="utf-8")
    tmp_path.chmod(0o755)
    program = (
        "import os, sys, click, pathlib; from twilio_binding.cli import cli; from twilio_binding.cli import options;"
        "from twilio_binding.settings import load, SettingsError\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "try: load(pathlib.Path(sys.argv[1]))\n"
        "except SettingsError as error: print(error)"
    )
    for mode in (0o700, 0o711):
        closed.chmod(mode)
        (closed / "twilio-binding.toml").chmod(0o600)
        done = subprocess.run(
            [sys.executable, "-c", program, str(closed / "twilio-binding.toml")],
            env=os.environ | {"PYTHONPATH": str(SEEDS)},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        expected = f"{closed}/twilio-binding.toml cannot be read; run this as root or as the user of the service\n"
        assert (done.stdout, done.returncode) == (expected, 0), done.stderr
