"""Time: local time, milliseconds of the protocol, remaining seconds, pauses between attempts, and yielding in long work."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

_One = TypeVar("_One")

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - clocks on the wall show no zone
_TURN = 0.002
"""Seconds of work after which other threads get their turn,"""
_PAUSE = 1e-6
"""and the pause for that. It must not be 0: gevent carries out a thousand such pauses before it looks at the network."""


def local_now() -> datetime:
    """The current time in the time zone of this machine."""
    return datetime.now().astimezone()


def local_time(seconds: float) -> datetime:
    """A time in seconds since 1970 as local time."""
    return datetime.fromtimestamp(seconds).astimezone()


def local_hour(moment: datetime) -> int:
    """The hour of a time, counted from 1970 in local time, because people count by local days."""
    return int((moment.replace(tzinfo=None) - _EPOCH).total_seconds() // 3600)


def milliseconds(seconds: float) -> int:
    """Seconds as whole milliseconds, as the protocol and openHAB count."""
    return round(seconds * 1000)


def left(until: float, most: float = 10.0) -> float:
    """Seconds until a time of the monotonic clock, at most `most`; 0.0 if it has passed."""
    return max(0.0, min(until - time.monotonic(), most))


def in_turns(ones: Iterable[_One]) -> Iterator[_One]:
    """Yield the elements one by one; after each 2 ms of work, other threads get their turn, and requests that have arrived."""
    until = time.monotonic() + _TURN
    for one in ones:
        yield one
        if time.monotonic() >= until:
            time.sleep(_PAUSE)
            until = time.monotonic() + _TURN


class Backoff:
    """Growing pauses while something keeps failing. `pauses` are in seconds; the last one repeats."""

    def __init__(self, *pauses: float) -> None:
        self._pauses: Sequence[float] = pauses
        self._failures = 0

    @property
    def pause(self) -> float:
        """Seconds to wait before the next attempt; 0.0 if the last one succeeded, or there was none."""
        return self._pauses[self._failures - 1] if self._failures else 0.0

    def failed(self) -> float:
        """Note a failed attempt; returns the seconds until the next one."""
        self._failures = min(self._failures + 1, len(self._pauses))
        return self.pause

    def failed_unexpectedly(self) -> float:
        """Note an attempt that failed for a reason that a quick retry does not fix; returns the longest pause."""
        self._failures = len(self._pauses)
        return self.pause

    def succeeded(self) -> None:
        """Note a successful attempt: the next failure begins with the shortest pause."""
        self._failures = 0
