"""The original webhooks of numbers, in a real database."""

from __future__ import annotations

from pathlib import Path

import pytest

from twilio_binding.accounts.ports import Kept
from twilio_binding.store import Database, SqliteKeptWebhooks

NUMBER = "PN1"


@pytest.fixture
def kept(store: Database) -> SqliteKeptWebhooks:
    """A memory that knows nothing yet."""
    return SqliteKeptWebhooks(store)


def test_nothing_kept(kept: SqliteKeptWebhooks) -> None:
    """Nothing is known about a number that was never changed, and notes about it do not change that."""
    kept.confirm(NUMBER)
    kept.leave_alone(NUMBER, leave=True)
    assert kept.of(NUMBER) is None


def test_before_is_what_was_there_first(kept: SqliteKeptWebhooks) -> None:
    """What we wrote ourselves never becomes the original value."""
    kept.keep(NUMBER, before={"SmsUrl": "old"}, wrote={"SmsUrl": "ours"})
    kept.confirm(NUMBER)
    kept.keep(NUMBER, before={"SmsUrl": "ours"}, wrote={"SmsUrl": "ours, newer"})
    assert kept.of(NUMBER) == Kept(before={"SmsUrl": "old"}, wrote={"SmsUrl": "ours, newer"})


def test_write_that_may_not_have_arrived(kept: SqliteKeptWebhooks) -> None:
    """Until a write is confirmed, the current value does not replace the original one."""
    kept.keep(NUMBER, before={"SmsUrl": "old"}, wrote={"SmsUrl": "ours"})
    kept.confirm(NUMBER)
    for _ in range(2):
        kept.keep(NUMBER, before={"SmsUrl": "ours"}, wrote={"SmsUrl": "ours, newer"})
    found = kept.of(NUMBER)
    assert found is not None
    assert (found.before, found.confirmed) == ({"SmsUrl": "old"}, False)


def test_somebody_else_in_between(kept: SqliteKeptWebhooks) -> None:
    """A value that somebody else set after us is the original value for our next write."""
    kept.keep(NUMBER, before={"SmsUrl": "old", "VoiceUrl": "old"}, wrote={"SmsUrl": "ours", "VoiceUrl": "ours"})
    kept.confirm(NUMBER)
    kept.keep(NUMBER, before={"SmsUrl": "theirs"}, wrote={"SmsUrl": "ours"})
    found = kept.of(NUMBER)
    assert found is not None
    assert found.before == {"SmsUrl": "theirs", "VoiceUrl": "old"}


def test_left_alone_survives_the_process(tmp_path: Path) -> None:
    """What was put back is remembered over restarts, and forgotten on request."""
    for leave in (True, False):
        database = Database(tmp_path / "kept.db")
        database.start()
        kept = SqliteKeptWebhooks(database)
        kept.keep(NUMBER, before={"SmsUrl": "old"}, wrote={"SmsUrl": "ours"})
        kept.leave_alone(NUMBER, leave=leave)
        database.stop()
        again = Database(tmp_path / "kept.db")
        again.start()
        found = SqliteKeptWebhooks(again).of(NUMBER)
        again.stop()
        assert found is not None
        assert found.left_alone is leave
