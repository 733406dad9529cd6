"""A database for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from twilio_binding.store import Database


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    """An open, empty database."""
    database = Database(tmp_path / "twilio-binding.db")
    database.start()
    yield database
    database.stop()
