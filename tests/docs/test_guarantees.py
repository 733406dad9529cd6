"""Every promise names tests that exist, and what the fault run reports."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from lab.faults.promises import BROKEN
from lab.faults.report import PROMISES

_ROOT = Path(__file__).parents[2]
_PAGE = (_ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
_ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in _PAGE.splitlines()
    if line.startswith("|") and "::" in line
]


def _tests(file: str) -> set[str]:
    tree = ast.parse((_ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row[0][:50])
def test_promise(row: list[str]) -> None:
    """Its tests exist, and its lines are in the report."""
    _, tests, compared = row
    named = re.findall(r"`([^`:]+)::(test_\w+)`", tests)
    assert named
    assert [f"{file}::{name}" for file, name in named if name not in _tests(file)] == []
    assert {part.strip() for part in compared.split("·")} <= set(PROMISES)


def test_all_that_is_reported_is_promised() -> None:
    """Every line of the report belongs to a promise, and everything that can be broken on purpose is listed."""
    assert {part.strip() for row in _ROWS for part in row[2].split("·")} == set(PROMISES)
    assert set(re.findall(r"^\| `([\w-]+)`:", _PAGE, flags=re.MULTILINE)) == set(BROKEN)
