"""Packaging of the service: the systemd unit and the container file."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from twilio_binding.settings import Settings

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
UNIT = (PACKAGING / "twilio-binding.service").read_text(encoding="utf-8")
CONTAINER = (PACKAGING / "Containerfile").read_text(encoding="utf-8")
needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is missing")


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a program that exists here."""
    file = tmp_path / "twilio-binding.service"
    file.write_text(UNIT.replace("/opt/twilio-binding/bin/twilio-binding", sys.executable), encoding="utf-8")
    return file


@needs_systemd
def test_unit_is_one(unit: Path) -> None:
    """Systemd finds no error in the unit."""
    found = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (found.returncode, [line for line in found.stderr.splitlines() if unit.name in line]) == (0, [])


@needs_systemd
def test_unit_is_hardened(unit: Path) -> None:
    """Systemd rates the unit's exposure 2.0 of 10 or better."""
    command = ["systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=20", str(unit)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if "unrecognized option" in found.stderr:
        pytest.skip("this systemd-analyze cannot judge files")
    assert found.returncode == 0, found.stdout[-400:] + found.stderr


def test_unit_gives_time_to_end() -> None:
    """The service may take its 15 s to answer held calls and to finish."""
    assert int(re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)[0]) > 15


def test_settings_in_files_exist() -> None:
    """Every setting in the unit and the container exists."""
    for name in re.findall(r"TWILIO_BINDING_([A-Z_]+)=", UNIT + CONTAINER):
        section, _, field = name.lower().partition("__")
        model = Settings.model_fields[section].annotation
        assert not field or (model is not None and field in model.model_fields), name


def test_container_is_without_root() -> None:
    """The last stage sets a user before it runs anything, and copies only existing files."""
    last = CONTAINER.rpartition("\nFROM ")[2]
    assert re.search(r"^USER (?!0|root)\d+:\d+$", last, re.MULTILINE)
    assert last.index("USER ") < last.index("ENTRYPOINT")
    copied = [
        word for line in re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINER, re.MULTILINE) for word in line.split()
    ]
    assert copied
    assert [name for name in copied if not (PACKAGING.parent / name).exists()] == []
