"""The README links to every page, and shows the current demo."""

from __future__ import annotations

import re
from pathlib import Path

from twilio_binding.sandbox.scene import Scene

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_picture_shows_the_demo_of_today() -> None:
    """The picture has every act of the scene."""
    picture = re.sub(r"<[^>]+>", "", (ROOT / "docs" / "demo.svg").read_text(encoding="utf-8"))
    picture = picture.replace("&#160;", " ").replace("&quot;", '"')
    for title, _ in Scene.acts(Scene.__new__(Scene)):
        assert title in picture


def test_it_leads_to_every_page_and_stays_short() -> None:
    """Each page is linked from the README, except the measurements, which have their own page."""
    pages = [path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*.md")]
    pages = [page for page in pages if page.parent.name != "measured" or page.name == "README.md"]
    assert [str(page) for page in pages if f"({page.as_posix()})" not in README] == []
    assert {"(examples/README.md)", "(CONTRIBUTING.md)", "(CHANGELOG.md)"} <= set(re.findall(r"\(\S+\)", README))
    assert len(README.splitlines()) <= 280


def test_first_rule_is_native() -> None:
    """The first rule is that of the add-on; the one that publishes to MQTT follows, and escapes its text."""
    first, second = re.findall(r"```java\n(.*?)```", README, re.DOTALL)
    assert 'getActions("twilio"' in first
    assert "publishMQTT" in second
    assert r'.replace("\\", "\\\\").replace("\"", "\\\"")' in second
