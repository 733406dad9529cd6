"""Keeps the page about numbers true."""

from __future__ import annotations

import re
from pathlib import Path

from twilio_binding.accounts import checks, statuses
from twilio_binding.accounts import descriptions as describe
from twilio_binding.accounts import number_webhooks as configure_number
from twilio_binding.accounts import requests as upkeep
from twilio_binding.cli import COMMANDS
from twilio_binding.model.configuration import draft
from twilio_binding.protocol import parameters

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "numbers.md").read_text(encoding="utf-8")


def test_commands_exist() -> None:
    """Every command of the page exists."""
    named = set(re.findall(r"^\$? ?twilio-binding (\w+)", PAGE, re.MULTILINE))
    assert named == {"things", "discover", "configure", "restore"}
    assert named <= COMMANDS.keys()


def test_requests_are_named() -> None:
    """Every request for upkeep has its topic, and nothing else has."""
    assert set(re.findall(r"^\| `twilio/action/<\w+>/(\w+)`", PAGE, re.MULTILINE)) == set(upkeep.NAMES)


def test_texts_are_those_of_the_code() -> None:
    """Every text in the table of statuses is in the code."""
    rows = re.findall(r"^\| (?:account|phone) \| \w+(?: \w+)? \| ([^|]*) \|", PAGE, re.MULTILINE)
    texts = [part for row in rows for part in re.split(r"\.\.\.|\(code\)|: cause|: message", row) if part.strip(" ;:")]
    assert len(texts) >= 12
    modules = (checks, configure_number, describe, statuses, draft, parameters)
    code = " ".join(Path(str(module.__file__)).read_text(encoding="utf-8") for module in modules)
    code = code.replace("{verb}", "set").replace("could not be set", "could not be checked") + code.replace(
        "{verb}", "set"
    )
    assert [text for text in texts if text.strip(" ;:") not in code] == []
