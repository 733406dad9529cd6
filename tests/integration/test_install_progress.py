"""The first installation shows its progress, and why it failed."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pexpect
import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "install.py"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment in which pip only knows the packages of a folder, and installs into another."""
    for name in ("alpha", "beta"):
        with zipfile.ZipFile(tmp_path / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
            info = f"{name}-1.0.dist-info"
            wheel.writestr(f"{name}.py", "")
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
    more = {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(tmp_path),
        "PIP_TARGET": str(tmp_path / "target"),
        "TERM": "xterm",
    }
    return {**os.environ, **more}


def lock(folder: Path, **wrong: str) -> Path:
    """A lock file for both packages; hashes can be wrong."""
    lines = []
    for name in ("alpha", "beta"):
        right = hashlib.sha256((folder / f"{name}-1.0-py3-none-any.whl").read_bytes()).hexdigest()
        lines.append(f"{name}==1.0 \\\n    --hash=sha256:{wrong.get(name, right)}\n")
    file = folder / "some.lock"
    file.write_text("".join(lines), encoding="ascii")
    return file


def test_progress_in_a_terminal(tmp_path: Path, environment: dict[str, str]) -> None:
    """A terminal shows the packages in one changing line, and the end."""
    arguments = [str(TOOL), str(lock(tmp_path))]
    terminal = pexpect.spawn(sys.executable, arguments, env=environment, encoding="utf-8", timeout=40)
    shown = terminal.read()
    terminal.close()
    assert terminal.exitstatus == 0
    assert re.search(r"\r\x1b\[K +\d+ s  Fetching package 2 of at most 2: beta", shown)
    assert shown.endswith("s  Installed.\r\n")
    assert shown.count("\n") == 1
    assert (tmp_path / "target" / "beta.py").exists()


def test_installation_that_fails(tmp_path: Path, environment: dict[str, str]) -> None:
    """A package other than the pinned one ends the installation, with pip's message and without control codes."""
    run = [sys.executable, str(TOOL), str(lock(tmp_path, beta="0" * 64))]
    done = subprocess.run(run, env=environment, capture_output=True, text=True, timeout=40, check=False)
    assert done.returncode == 1
    assert "Not installed. What pip says:" in done.stdout
    assert "DO NOT MATCH THE HASHES" in done.stdout + done.stderr
    assert "\x1b" not in done.stdout
    assert not (tmp_path / "target" / "alpha.py").exists()
