"""Commands whose standard input or output is closed or full."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import clean

BAD_SETTINGS = {"MQTT__URL": "mqtt://127.0.0.1:1", "OPENHAB__URL": "http://127.0.0.1:1"}


def run(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a shell command with `twilio` as the program."""
    return subprocess.run(
        ["sh", "-c", f'twilio() {{ "{sys.executable}" -m twilio_binding "$@"; }}; {command}'],
        cwd=folder,
        env=clean(**BAD_SETTINGS),
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("doctor --config nothere.toml >&-", 1),
        ("check >&- 2>&- <&-", 1),
        ("--version >&-", 0),
    ],
)
def test_closed_output(tmp_path: Path, command: str, code: int) -> None:
    """A command whose output is closed does its work, and its exit code is correct."""
    done = run(tmp_path, f"twilio {command}")
    assert "Traceback" not in done.stderr
    assert done.returncode == code


def test_closed_input(tmp_path: Path) -> None:
    """A text from a closed input is empty."""
    done = run(tmp_path, "twilio send +15557654321 - <&-")
    assert "a message needs a text" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 2


def test_output_that_lacks_letters(tmp_path: Path) -> None:
    """Signs that the output cannot show become others."""
    done = run(tmp_path, "PYTHONIOENCODING=latin-1 twilio doctor --config ❤.toml")
    assert (done.returncode, done.stderr) == (1, "")
    assert "x the settings file ?.toml does not exist" in done.stdout
    assert "-> correct the settings" in done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_json_where_the_output_lacks_letters(tmp_path: Path, encoding: str) -> None:
    """JSON has escapes for letters that the output cannot show."""
    done = run(tmp_path, f"PYTHONIOENCODING={encoding} twilio doctor --json --config ❤.toml")
    assert "the settings file ❤.toml does not exist" in json.loads(done.stdout)[0]["cause"]


@pytest.mark.parametrize("command", ["doctor --json --config nothere.toml", "doctor --config nothere.toml", "--help"])
def test_full_output(tmp_path: Path, command: str) -> None:
    """If an output accepts nothing more, the command ends with one line and a failure."""
    done = run(tmp_path, f"twilio {command} > /dev/full")
    assert (done.returncode, done.stderr) == (1, "Error: the output cannot be written: No space left on device\n")
