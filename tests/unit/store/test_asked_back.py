"""Questions to contacts, on disk: the last one, for some minutes, once."""

from __future__ import annotations

from pathlib import Path

from twilio_binding.people.item_ports import Asked, Choice
from twilio_binding.store import Database
from twilio_binding.store.asked_back import SqliteAskedBack

ADA, BOB = "twilio:contact:a:ada", "twilio:contact:a:bob"
CHOICES = Asked(kind="choice", choices=(Choice(item="Light", value="ON"), Choice(item="Küche", value=None)))


def test_next_run(tmp_path: Path) -> None:
    """The next process knows it, for each contact separately, and only the last question."""
    path = tmp_path / "twilio-binding.db"
    database = Database(path)
    database.start()
    book = SqliteAskedBack(database, clock=lambda: 1000.0)
    book.put(ADA, Asked(kind="late", wait=7), seconds=300)
    book.put(ADA, CHOICES, seconds=300)
    database.stop()
    again = Database(path)
    again.start()
    book = SqliteAskedBack(again, clock=lambda: 1299.0)
    assert book.pending(ADA) == CHOICES
    assert book.pending(BOB) is None
    book.drop(ADA)
    assert book.pending(ADA) is None
    again.stop()


def test_over(store: Database) -> None:
    """After its time it cannot be answered, and is deleted; others stay."""
    now = [1000.0]
    book = SqliteAskedBack(store, clock=lambda: now[0])
    book.put(ADA, CHOICES, seconds=300)
    now[0] = 1200.0
    book.put(BOB, Asked(kind="late", wait=3), seconds=300)
    assert book.forget(older_than=86400) == 0
    now[0] = 1301.0
    assert book.pending(ADA) is None
    assert book.forget(older_than=86400) == 1
    assert book.pending(BOB) == Asked(kind="late", wait=3)
    assert store.read("SELECT contact FROM asked_back") == [(BOB,)]
