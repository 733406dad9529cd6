"""The comparison with the add-on: complete, and with existing tests."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_PAGE = (_ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
_ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in _PAGE.splitlines()
    if line.startswith("|") and not line.startswith(("|---", "| The add-on"))
]


@cache
def _tests(file: str) -> frozenset[str]:
    path = _ROOT / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row[0][:60])
def test_row(row: list[str]) -> None:
    """Each row says whether we do the same or better, and names existing tests."""
    _, verdict, tests = row
    assert verdict.startswith(("same", "better"))
    named = re.findall(r"`([^`:]+)::(test_\w+)`", tests)
    assert named
    for file, name in named:
        assert name in _tests(file), f"{file}::{name}"


def test_every_section() -> None:
    """Each section of what the add-on promises has rows."""
    for section in re.split(r"^## ", _PAGE, flags=re.MULTILINE)[1:]:
        assert section.count("\n|") > 2, section.partition("\n")[0]
