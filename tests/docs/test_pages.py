"""Keeps the pages true: links, commands, settings, and quoted texts of the service."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from tools import screenshots
from twilio_binding.cli import COMMANDS
from twilio_binding.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*(ROOT / "docs").rglob("*.md"), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "examples/README.md"))]
)
CODE = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "twilio_binding").rglob("*.py"))
OF_OPENHAB = {"'publishMQTT' is not a member of"}
OF_SETTINGS = re.compile(r"`((?:openhab|mqtt|webhook|admin|delivery|media|log|twilio)\.[a-z_]+)`")


def page(name: str) -> str:
    """A page's text."""
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def settings(model: type[BaseModel], prefix: str = "") -> set[str]:
    """The names of all settings."""
    names: set[str] = set()
    for name, field in model.model_fields.items():
        nested = isinstance(field.default, BaseModel)
        names |= settings(type(field.default), f"{prefix}{name}.") if nested else {prefix + name}
    return names


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    """Every link to a file leads to one, and every link to a heading too."""
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        file, _, heading = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), target
        assert not heading or re.search(
            rf"^#+ {heading.replace('-', '[ -]')}$", found.read_text("utf-8"), re.MULTILINE | re.IGNORECASE
        ), target


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_exist(path: Path) -> None:
    """Every command that is named exists."""
    named = set(re.findall(r"(?:^|`|bin/)twilio-binding ([a-z]+)\b", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= COMMANDS.keys()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_settings_exist(path: Path) -> None:
    """Every setting that is named exists."""
    assert set(OF_SETTINGS.findall(path.read_text(encoding="utf-8"))) - _logged() <= settings(Settings)


def test_troubleshooting_quotes_the_service() -> None:
    """Every quoted text in a first column is in the code."""
    quoted = [
        text
        for cell in re.findall(r"^\| ([^|]*`[^|]*) \|", page("troubleshooting"), re.MULTILINE)
        for text in re.findall(r"`([^`]+)`", cell)
        if not text.startswith(("twilio.2", "twilio-binding", "twilio/", "/ready", "curl"))
    ]
    assert len(quoted) > 30
    assert [text for text in quoted if text not in CODE and text not in OF_OPENHAB] == []


def _logged() -> set[str]:
    return set(re.findall(r"_log\.\w+\(\s*\"([a-z_.]+)\"", CODE))


_KEYWORDS = (
    "rule|when|then|end|Item|Member|Channel|Thing|Time|System|from|to|received|changed|update|command|triggered|cron"
)


@pytest.mark.parametrize(
    "path", [*sorted((ROOT / "examples" / "rules-dsl").glob("*.rules")), ROOT / "README.md"], ids=lambda path: path.name
)
def test_rules_name_nothing_like_a_keyword(path: Path) -> None:
    """Before openHAB 5.2, a Rules DSL file with a variable named `from` is ignored as a whole."""
    assert not re.findall(rf"\b(?:val|var)(?: \w+)? (?:{_KEYWORDS})\b", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", [*PAGES, ROOT / "CHANGELOG.md"], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_words_of_the_vocabulary(path: Path) -> None:
    """Pages use the words of docs/architecture.md; others are only in code, as names."""
    prose = re.sub(r"```.*?```|`[^`]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(r"\b(?:sidecar|neighbour|house|bridge script)s?\b", prose, re.IGNORECASE) == []


def test_each_view_of_the_console_has_its_picture() -> None:
    """Each page of the navigation, and the pictures that `make screenshots` takes, are in the page about the console."""
    base = (ROOT / "twilio_binding/console/pages/templates/base.html").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([A-Z][a-z ]+) \|", page("console"), re.MULTILINE)
    assert {name for _, name in re.findall(r'\("(\w+)", "([A-Z][a-z ]+)"\)', base)} <= set(rows)
    shown = set(re.findall(r"\]\(console/([\w-]+)\.png\)", page("console")))
    assert shown == set(screenshots.NAMES) == {path.stem for path in (ROOT / "docs" / "console").glob("*.png")}
