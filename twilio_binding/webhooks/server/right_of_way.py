"""Who goes first while more comes in than can be worked on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import gevent.event
import gevent.lock

_LONGEST = 0.1
"""Seconds for which a call has the way to itself, and for which others wait at most: many calls must not stop them."""
_FEW = 8
"""Messages that are worked on at a time beside a call that takes longer; from so many on it is a flood."""


class RightOfWay:
    """Lets `most` messages at a time be worked on, and none begin while a call is under way, for a moment.

    A message enters it as a context manager, a call enters `first`. Work that is in no hurry calls `give_way` first.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._under_way = 0
        self._calls = 0
        self._taken_until = 0.0
        self._turn = gevent.lock.BoundedSemaphore(1)
        self._changed = gevent.event.Event()

    def __enter__(self) -> None:
        """Wait until there is a place, and no call that goes first."""
        latest = time.monotonic() + _LONGEST
        with self._turn:  # one at a time, so that a call that comes meanwhile does not find all of them on their way
            self._wait(latest)
            while self._under_way >= (_FEW if self._calls else self._most):
                self._changed.wait()
                self._changed.clear()
                self._wait(latest)
            self._under_way += 1

    def __exit__(self, *_: object) -> None:
        """Give the place to the next one."""
        self._under_way -= 1
        self._changed.set()

    @contextmanager
    def first(self) -> Iterator[None]:
        """A call is under way."""
        self._calls += 1
        self._taken_until = time.monotonic() + _LONGEST
        try:
            yield
        finally:
            self._calls -= 1
            self._changed.set()

    def give_way(self) -> None:
        """Wait until no call is under way, for a moment at most."""
        self._wait(time.monotonic() + _LONGEST)

    def is_crowded(self) -> bool:
        """Whether many messages come in."""
        return bool(self._under_way >= _FEW or self._turn.locked())

    def _wait(self, latest: float) -> None:
        """Wait for the calls that are under way, until then or until they have had their moment."""
        while self._calls and (left := min(latest, self._taken_until) - time.monotonic()) > 0:
            self._changed.clear()
            self._changed.wait(left)
