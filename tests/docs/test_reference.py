"""Keeps docs/reference true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from twilio_binding.model.payloads import EXTRAS
from twilio_binding.protocol.thing_types import CHANNEL_TYPES, THING_TYPES
from twilio_binding.protocol.topics import Topics

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"


def first_cells(page: str) -> set[str]:
    """The code in the first cell of each row of a page's tables."""
    return set(re.findall(r"^\| `([^`]+)` \|", (REFERENCE / f"{page}.md").read_text(encoding="utf-8"), re.MULTILINE))


def test_tables_are_those_of_the_code() -> None:
    """`make reference` would change nothing."""
    checked = subprocess.run(
        [sys.executable, "tools/reference.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_channels() -> None:
    """Every channel is described, and nothing else is."""
    assert first_cells("channels") == {channel.id for channel in CHANNEL_TYPES.values()}


def test_further_fields_of_payloads() -> None:
    """Every field that follows in a payload when Twilio sends it is listed, and `docs/contract.md` has their number."""
    page = (REFERENCE / "channels.md").read_text(encoding="utf-8")
    assert [name for name in (*EXTRAS, "mediaTypes") if f"`{name}`" not in page] == []
    assert f"{len(EXTRAS) + 1} more keys" in (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")


def test_actions() -> None:
    """Every action is described, and nothing else is."""
    assert {action.partition("(")[0] for action in first_cells("actions")} == {
        action.name for thing_type in THING_TYPES for action in thing_type.actions if action.is_listed
    }


def test_topics() -> None:
    """Every topic of the protocol is in the table, and nothing else is."""
    topics = Topics()
    assert first_cells("mqtt") == {
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
        topics.command("<thing>", "<channel>"),
    }
