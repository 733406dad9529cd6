"""The tests that the page of threats names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_NAMED = re.findall(r"`(tests/[\w/.]+)((?:::test_\w+)?)`", (_ROOT / "docs" / "threats.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("file", "test"), _NAMED)
def test_named_test(file: str, test: str) -> None:
    """Each file, and each test, that is named exists."""
    path = _ROOT / file
    assert path.exists()
    assert not test or f"def {test.removeprefix('::')}(" in path.read_text(encoding="utf-8")
