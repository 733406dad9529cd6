"""Commands as users run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from twilio_binding.sandbox.service_process import SEEDS


def command(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, with settings in the environment."""
    return fed(b"", folder, *arguments, **settings)


def fed(stdin: bytes, folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command with this text as standard input."""
    done = subprocess.run(
        [sys.executable, "-m", "twilio_binding", *arguments],
        cwd=folder,
        env=clean(**settings),
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def begin(folder: Path, *arguments: str, **settings: str) -> subprocess.Popen[str]:
    """Start a command whose output is read while it runs."""
    return subprocess.Popen(
        [sys.executable, "-m", "twilio_binding", *arguments],
        cwd=folder,
        env=clean(**settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def clean(**settings: str) -> dict[str, str]:
    """The environment with only these settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TWILIO_BINDING")}
    return (
        environment | {f"TWILIO_BINDING_{name}": value for name, value in settings.items()} | {"PYTHONPATH": str(SEEDS)}
    )
