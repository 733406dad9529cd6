"""Notifies open pages of changes. While no page is open, storing something costs almost nothing."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from secrets import token_hex
from typing import Protocol

from twilio_binding.clock import local_now

_MOST = 20
"""Maximum number of live pages; others show the state when they were opened."""
_MOST_OF_ONE = 4
"""The same of one browser, which opens six connections to a host at most: it needs some to load pages."""
_PAUSE = 1.0
"""Minimum seconds between two notifications of a page."""
_LOOK = 5.0
"""Seconds between checks of what changes without being stored."""


class Commits(Protocol):
    """The database of everything that pages show."""

    commits: int
    """Number of commits since the start."""
    watching: set[threading.Event]
    """Set after each commit."""


class PageChanges:
    """`state` returns what can change without being stored, such as that openHAB is down; it is only called while pages are open.

    `now` returns local time.
    """

    def __init__(
        self, state: Callable[[], object], stored: Commits, *, now: Callable[[], datetime] = local_now
    ) -> None:
        self._state = state
        self._now = now
        self._stored = stored
        self._lock = threading.Lock()
        self._browsers: dict[threading.Event, str] = {}
        self._start = token_hex(8)
        self._looked = (0.0, "")
        self._is_closed = False

    def close(self) -> None:
        """End all notifications, because the listener stops."""
        self._is_closed = True
        for page in tuple(self._stored.watching):
            page.set()

    def version(self) -> str:
        """The version of what pages show: it differs after each change, and after each start of the service."""
        at, state = self._looked
        if time.monotonic() - at > _PAUSE:
            # With the day, because from midnight on, times need their date, and the figures of today begin again.
            state = f"{self._now():%Y-%m-%d} {self._state()!r}"
            self._looked = (time.monotonic(), state)
        shown = f"{self._start} {self._stored.commits} {state}"
        return hashlib.blake2b(shown.encode(), digest_size=8).hexdigest()

    def listen(self, known: str, browser: str = "") -> Iterator[str] | None:
        """Yields the versions after `known`, and "" after a while without one; None if too many pages listen.

        If one browser has too many, its oldest page gives way: the iterator ends, and the browser asks again after seconds.
        `browser` is "" for other programs.
        """
        page = threading.Event()
        with self._lock:
            if browser:
                self._make_room(browser)
            if len(self._browsers) >= _MOST or self._is_closed:
                return None
            self._browsers[page] = browser
            self._stored.watching.add(page)
        told = self._follow(page, known)
        next(told)  # only a generator that has begun frees its page when nobody reads it
        return told

    def _make_room(self, browser: str) -> None:
        own = [page for page, of in self._browsers.items() if of == browser]
        for page in own[: max(0, len(own) + 1 - _MOST_OF_ONE)]:
            self._leave(page)
            page.set()

    def _leave(self, page: threading.Event) -> None:
        self._browsers.pop(page, None)
        self._stored.watching.discard(page)

    def _listens(self, page: threading.Event) -> bool:
        page.clear()  # before the look, or a page that must end in between would wait
        return page in self._browsers and not self._is_closed

    def _follow(self, page: threading.Event, known: str) -> Iterator[str]:
        try:
            yield ""
            while self._listens(page):
                version = self.version()
                if version == known:
                    yield ""
                    page.wait(_LOOK)
                else:
                    known = version
                    yield version
                    if not self._is_closed:
                        time.sleep(_PAUSE)
        finally:
            with self._lock:
                self._leave(page)
