"""Notifications of changes, and limits for tokens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.waiting import wait_until
from twilio_binding.console.changes import PageChanges
from twilio_binding.console.pages.attempts import Attempts


class _Stored:
    """A store without activity, unless the test says so."""

    def __init__(self) -> None:
        self.commits = 0
        self.watching: set[threading.Event] = set()

    def store(self) -> None:
        self.commits += 1
        for page in self.watching:
            page.set()


def test_without_pages() -> None:
    """Without open pages, the state is not read."""
    looked: list[None] = []
    stored = _Stored()
    PageChanges(lambda: looked.append(None), stored)
    assert looked == [] and not stored.watching


def test_a_page_is_told() -> None:
    """A page gets the new version immediately when something is stored, and is told that the service ends."""
    stored = _Stored()
    changes = PageChanges(lambda: "up", stored)
    known = changes.version()
    page = changes.listen(known)
    assert page is not None and next(page) == ""
    stored.store()
    assert next(page) == changes.version() != known
    changes.close()
    assert not any(page)
    assert changes.listen(known) is None


def test_what_happened_before_a_page_listens() -> None:
    """A page with an older version, or one from before a restart, is notified immediately."""
    stored = _Stored()
    changes = PageChanges(lambda: "up", stored)
    older, before_the_start = changes.version(), PageChanges(lambda: "up", stored).version()
    stored.store()
    for known in (older, before_the_start, "", "anything"):
        page = changes.listen(known)
        assert page is not None and next(page) == changes.version()


def test_a_state_that_is_not_stored() -> None:
    """The version changes after a change that is not stored; it is checked once a second at most."""
    states = ["up", "down"]
    changes = PageChanges(lambda: states.pop(0), _Stored())
    known = changes.version()
    assert changes.version() == known and states == ["down"]
    wait_until(lambda: changes.version() != known, 30)


def test_midnight() -> None:
    """The version changes at midnight: times of yesterday then need their date, and the figures of today begin again."""
    times = [datetime(2026, 11, 29, 23, 59, 59).astimezone(), datetime(2026, 11, 30).astimezone()]
    changes = PageChanges(lambda: "up", _Stored(), now=lambda: times.pop(0))
    known = changes.version()
    wait_until(lambda: changes.version() != known, 30)


def test_pages_have_an_end() -> None:
    """Only a limited number of pages is notified; closing one makes room."""
    changes = PageChanges(lambda: "up", _Stored())
    pages = [changes.listen("") for _ in range(20)]
    assert all(pages) and changes.listen("") is None
    del pages[0]  # nobody has read it, and nobody will
    assert changes.listen("") is not None


def test_one_browser_leaves_room() -> None:
    """Of the pages of one browser, only the newest four are notified: the oldest ends, and may ask again. Others do not count."""
    stored = _Stored()
    changes = PageChanges(lambda: "up", stored)
    known = changes.version()
    pages = [
        changes.listen(known, browser) for browser in ("one", "one", "other", "one", "one", "", "", "", "", "", "one")
    ]
    ended = [page for page in pages if page is not None and next(page, None) is None]
    assert ended == pages[:1] and len(stored.watching) == len(pages) - 1
    stored.store()
    assert all(next(page) == changes.version() for page in pages[1:] if page is not None)
    assert changes.listen(known, "one") is not None and next(iter(pages[1] or ()), None) is None


def test_a_page_gives_way_at_any_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that gives way just before it waits does not wait, or it would keep its connection."""
    waited: list[bool] = []

    class Event(threading.Event):
        """While the page prepares to wait, newer pages take its place."""

        def clear(self) -> None:
            others, newer[:] = list(newer), []
            pages.extend(changes.listen(known, browser) for browser in others)
            super().clear()

        def wait(self, timeout: float | None = None) -> bool:
            waited.append(self.is_set())
            return super().wait(timeout)

    monkeypatch.setattr(threading, "Event", Event)
    newer = ["one"] * 4
    pages: list[Iterator[str] | None] = []
    changes = PageChanges(lambda: "up", _Stored())
    known = changes.version()
    first = changes.listen(known, "one")
    assert first is not None and list(first) == [] and waited == []
    assert all(pages) and len(pages) == 4


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
