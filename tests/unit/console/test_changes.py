"""Who is told that something has changed, and who may try a token."""

from __future__ import annotations

import threading

from twilio_binding.console.changes import PageChanges
from twilio_binding.console.pages.attempts import Attempts


def test_without_pages() -> None:
    """While nobody looks, nothing is looked at."""
    looked: list[None] = []
    pages: set[threading.Event] = set()
    PageChanges(lambda: looked.append(None), pages)
    assert looked == [] and not pages


def test_a_page_is_told() -> None:
    """A page is told of a change at once, and that the service ends."""
    pages: set[threading.Event] = set()
    changes = PageChanges(lambda: "up", pages)
    page = changes.listen()
    assert page is not None
    for one in pages:
        one.set()
    assert next(page) is True
    changes.close()
    assert list(page) in ([], [True])
    assert changes.listen() is None


def test_pages_have_an_end() -> None:
    """Only so many pages are told; one that closes makes room."""
    changes = PageChanges(lambda: "up", set())
    pages = [changes.listen() for _ in range(20)]
    assert all(pages) and changes.listen() is None
    del pages[0]  # nobody has read it, and nobody will
    assert changes.listen() is not None


def test_attempts() -> None:
    """One address may fail five times a minute, all together sixty times."""
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    for _ in range(5):
        assert attempts.pause("a") == 0
        attempts.failed("a")
    assert attempts.pause("a") == 60 and attempts.pause("b") == 0
    now[0] = 59
    assert attempts.pause("a") == 1
    now[0] = 61
    assert attempts.pause("a") == 0
    for n in range(60):
        attempts.failed(f"address {n}")
    assert attempts.pause("new") == 60
