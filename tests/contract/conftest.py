"""Webhooks with their real parts for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house with one account and one phone."""
    with House(tmp_path) as house:
        yield house
