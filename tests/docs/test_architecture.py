"""What docs/architecture.md says of the code, held true."""

from __future__ import annotations

import re
from functools import reduce
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "twilio_binding"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^\|[^|]+\| `([\w/]+)\.py` \| `([\w.]+)` \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("file", "function"), dict.fromkeys(STEPS))
def test_step_of_a_path(file: str, function: str) -> None:
    """Each step of the three paths is a function of that module."""
    module = import_module(f"twilio_binding.{file.replace('/', '.')}")
    assert callable(reduce(getattr, function.split("."), module))


def test_paths_are_told() -> None:
    """A text, a call and a send have their steps."""
    assert len(STEPS) >= 25


def test_files_exist() -> None:
    """Every file and folder that is named is there."""
    roots = "twilio_binding|automation|tests|docs|lab|examples"
    named = re.findall(rf"`((?:{roots})/[\w./-]+)`", PAGE)
    assert len(named) > 25
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_package_is_described() -> None:
    """The table has every package and module at the top of the product, and no other."""
    table = PAGE.split("## Packages", 1)[1].split("*Use cases*", 1)[0]
    named = [name for cell in re.findall(r"^\| (`[^|]+`) \|", table, re.MULTILINE) for name in re.findall(r"\w+", cell)]
    there = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert sorted(named) == sorted(there - {"__init__"})
