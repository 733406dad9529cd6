"""Pictures on disk: waiting for the disk happens where nothing else waits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from twilio_binding.media.ports import MediaEntry
from twilio_binding.model.content_types import Media
from twilio_binding.store import Database, SqliteMediaShelf


def test_bytes_are_flushed_elsewhere(store: Database, tmp_path: Path) -> None:
    """A file is written and flushed by the function given for that; the row follows afterwards."""
    carried: list[Callable[[], object]] = []

    def carry_out(work: Callable[[], object]) -> object:
        assert store.read("SELECT count(*) FROM media") == [(len(carried),)]
        carried.append(work)
        return work()

    shelf = SqliteMediaShelf(store, tmp_path / "media", most=10, limit=20, carry_out=carry_out)
    shelf.start()
    for number in range(2):
        entry = _add(shelf, number)
        assert entry is not None
        with shelf.open(entry) as file:
            assert file.read() == b"0123456789"
    assert len(carried) == 2


@pytest.mark.parametrize(("size", "left"), [(1, [1, 2, 3]), (10, [1, 2, 3]), (5, [1, 2, 3]), (0, [0, 1, 2, 3])])
def test_room(store: Database, tmp_path: Path, size: int, left: list[int]) -> None:
    """Only as much as needed is deleted, the oldest first."""
    shelf = SqliteMediaShelf(store, tmp_path / "media", most=10, limit=30)
    shelf.start()
    for number in range(3):
        _add(shelf, number)
    _add(shelf, 3, size)
    rows = store.read("SELECT uuid FROM media WHERE file IS NOT NULL ORDER BY id")
    assert [int(uuid) for (uuid,) in rows] == left


def _add(shelf: SqliteMediaShelf, number: int, size: int = 10) -> MediaEntry | None:
    media = Media(content_type="image/png", content=b"0123456789"[:size])
    return shelf.add(str(number), request_id=f"r{number}", asked="a", source="", expires=1e12, media=media)
