"""Keeps docs/architecture.md true."""

from __future__ import annotations

import re
import tomllib
from functools import reduce
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "twilio_binding"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
STEP = r"^\|[^|]+\| `([\w/]+)\.py` \| `([\w.]+)` \|$"
STEPS = re.findall(STEP, PAGE, re.MULTILINE)
TABLE = PAGE.split("## Packages", 1)[1].split("*Use cases*", 1)[0]
PACKAGES = [name for cell in re.findall(r"^\| (`[^|]+`) \|", TABLE, re.MULTILINE) for name in re.findall(r"\w+", cell)]
PATHS = re.findall(r"^## The path of ([\w ]+)\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("file", "function"), dict.fromkeys(STEPS))
def test_step_of_a_path(file: str, function: str) -> None:
    """Each step of a path is a function of that module."""
    module = import_module(f"twilio_binding.{file.replace('/', '.')}")
    assert callable(reduce(getattr, function.split("."), module))


def test_paths_are_told() -> None:
    """A text, a call, a send and an alarm have their steps."""
    told = {title: len(re.findall(STEP, path, re.MULTILINE)) for title, path in PATHS}
    assert told.keys() == {"a text", "a call", "a send", "an alarm"}
    assert min(told.values()) >= 9


def test_files_exist() -> None:
    """Every named file and folder exists."""
    roots = "twilio_binding|automation|tests|docs|lab|examples"
    named = re.findall(rf"`((?:{roots})/[\w./-]+)`", PAGE)
    assert len(named) > 25
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_package_is_described() -> None:
    """The table has every package and module at the top of the product, and no other."""
    there = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert sorted(PACKAGES) == sorted(there - {"__init__"})


def test_packages_stand_in_the_order_of_imports() -> None:
    """Each package stands below those that may import it, as in the layers of import-linter."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(one["layers"] for one in contracts if one["type"] == "layers")
    place = {name.strip(): number for number, layer in enumerate(layers) for name in layer.split("|")}
    places = [place[name] for name in PACKAGES]
    assert places == sorted(places)
