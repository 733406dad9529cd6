"""The README's tables, kept true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from twilio_binding.metrics import Metrics
from twilio_binding.model import channels
from twilio_binding.model.actions import NAMES
from twilio_binding.protocol.topics import Topics
from twilio_binding.sandbox.scene import Scene
from twilio_binding.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def table(heading: str) -> dict[str, list[str]]:
    """The rows of the table below a heading, by the code in their first cell."""
    section = README.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("| ").split("|") for line in section.splitlines() if line.startswith("| `")]
    return {cells[0].strip(" `"): [cell.strip() for cell in cells[1:]] for cells in rows}


def settings(model: type[BaseModel], prefix: str = "") -> dict[str, tuple[str, str]]:
    """Default and description of each setting."""
    found: dict[str, tuple[str, str]] = {}
    for name, field in model.model_fields.items():
        value: Any = field.get_default(call_default_factory=True)
        if isinstance(value, BaseModel):
            found |= settings(type(value), f"{prefix}{name}.")
            continue
        shown = value.get_secret_value() if isinstance(value, SecretStr) else value
        text = f"`{str(shown).replace(chr(39), chr(34))}`" if str(shown) else ""
        found[prefix + name] = (text, field.description or "")
    return found


def test_settings_table() -> None:
    """Every setting is in the table, with its default and its description, and nothing else is."""
    assert {name: tuple(cells) for name, cells in table("Settings").items()} == settings(Settings)


def test_channels_table() -> None:
    """Every channel is in the table with its kind."""
    expected = channels.STATES | dict.fromkeys(channels.TRIGGERS, "trigger")
    assert {name: cells[0] for name, cells in table("Channels").items()} == expected


def test_metrics_table() -> None:
    """Every metric is in the table with its labels and its help text."""
    registry = Metrics().registry
    known = {
        getattr(metric, "_name"): (", ".join(getattr(metric, "_labelnames")), getattr(metric, "_documentation"))  # noqa: B009
        for metric in registry._collector_to_names
    }
    assert {name: tuple(cells) for name, cells in table("Metrics").items()} == known


def test_topics_table() -> None:
    """Every topic of the protocol is in the table."""
    topics = Topics()
    expected = {
        topics.status,
        topics.things,
        topics.inbox,
        topics.bridge,
        topics.service,
        topics.event("<thing>", "<channel>"),
        topics.state("<thing>", "<channel>"),
        topics.action("<thing>", "<action>"),
        topics.reply("<client>", "<id>"),
        topics.listener("<client>"),
    }
    assert set(table("MQTT")) == expected


def test_picture_shows_the_demo_of_today() -> None:
    """The picture has every act of the scene."""
    picture = re.sub(r"<[^>]+>", "", (ROOT / "docs" / "demo.svg").read_text(encoding="utf-8"))
    picture = picture.replace("&#160;", " ").replace("&quot;", '"')
    for title, _ in Scene.acts(Scene.__new__(Scene)):
        assert title in picture


def test_actions_are_named() -> None:
    """Every action is mentioned."""
    assert [name for name in NAMES if f"`{name}" not in README] == []
