"""Tells open pages that something has changed. While no page is open, whoever stores something looks at an empty set."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

_MOST = 20
"""Maximum number of live pages; others show the state when they were opened."""
_PAUSE = 1.0
"""Seconds between two changes that a page is told of."""
_LOOK = 5.0
"""Seconds between looks at what changes without being stored."""


class PageChanges:
    """`state` is what may change without being stored, such as that openHAB is down; it is looked at for open pages only.

    Whoever stores something sets all that are in `pages`.
    """

    def __init__(self, state: Callable[[], object], pages: set[threading.Event]) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._pages = pages
        self._looked = (0.0, "")
        self._is_closed = False

    def close(self) -> None:
        """Tell no more: the listener ends."""
        self._is_closed = True
        for page in tuple(self._pages):
            page.set()

    def listen(self) -> Iterator[bool] | None:
        """True at each change, False when there was none for a while; None where too many listen."""
        page = threading.Event()
        with self._lock:
            if len(self._pages) >= _MOST or self._is_closed:
                return None
            self._pages.add(page)
        told = self._follow(page)
        next(told)  # only one that has begun lets go of its page when nobody reads it
        return told

    def _follow(self, page: threading.Event) -> Iterator[bool]:
        known = self._seen()
        try:
            yield False
            while not self._is_closed:
                is_stored = page.wait(_LOOK)
                page.clear()
                now = self._seen()
                if is_stored or now != known:
                    known = now
                    yield True
                    if not self._is_closed:
                        time.sleep(_PAUSE)
                else:
                    yield False
        finally:
            with self._lock:
                self._pages.discard(page)

    def _seen(self) -> str:
        """The state, looked at once for all pages."""
        at, seen = self._looked
        if time.monotonic() - at > _PAUSE:
            seen = repr(self._state())
            self._looked = (time.monotonic(), seen)
        return seen
