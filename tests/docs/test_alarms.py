"""Keeps the page about alarms and its examples true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.terminal import command
from twilio_binding.model.alarm_plan import read_plan
from twilio_binding.model.watch_conditions import read_conditions
from twilio_binding.sandbox.service_process import SEEDS

_ROOT = Path(__file__).resolve().parents[2]
_PAGE = (_ROOT / "docs" / "alarms.md").read_text(encoding="utf-8")
_EXAMPLE = _ROOT / "examples" / "things" / "alarms.things"


def _cells(heading: str) -> list[str]:
    """The first cells of the table below a heading."""
    table = _PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)


@pytest.mark.parametrize("step", [cell for cell in _cells("Steps") if not cell.startswith(("wait", "repeat"))])
def test_steps_are_steps(step: str) -> None:
    """Every step of the table is valid, alone and with a wait and a repetition after it."""
    assert read_plan(step).stages
    assert read_plan(f"{step}; wait 60s; repeat 3").repeats == 3


@pytest.mark.parametrize("condition", _cells("Starts by itself"))
def test_conditions_are_conditions(condition: str) -> None:
    """Every condition of the table is valid."""
    assert len(read_conditions(condition)) == 1


def test_examples_can_be_used(tmp_path: Path) -> None:
    """The example file is valid, together with the account of the project's own example."""
    (tmp_path / "things").mkdir()
    for file in (SEEDS / "things" / "twilio.things", _EXAMPLE):
        (tmp_path / "things" / file.name).write_bytes(file.read_bytes())
    told = command(tmp_path, "check", OPENHAB__TOKEN="oh.twilio.0123456789").stdout
    assert "2 files, 1 account, 1 phone" in told
    assert [line for line in told.splitlines() if "alarms.things" in line] == []
