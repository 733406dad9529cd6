"""Time: local time, the milliseconds of the protocol, how long to wait, the pauses between attempts, and turns in long work."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

_One = TypeVar("_One")

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - clocks on the wall show no zone
_TURN = 0.002
"""Seconds of work after which others have their turn."""


def local_now() -> datetime:
    """Now, in the time zone of this machine."""
    return datetime.now().astimezone()


def local_time(seconds: float) -> datetime:
    """A moment in seconds since 1970, in the time zone of this machine."""
    return datetime.fromtimestamp(seconds).astimezone()


def local_hour(moment: datetime) -> int:
    """The hour of a moment, counted from 1970 as clocks on the wall show it: people count by their days."""
    return int((moment.replace(tzinfo=None) - _EPOCH).total_seconds() // 3600)


def milliseconds(seconds: float) -> int:
    """Seconds as whole milliseconds, as the protocol and openHAB count."""
    return round(seconds * 1000)


def left(until: float, most: float = 10.0) -> float:
    """Seconds until a moment of the monotonic clock, and no more than `most`; 0.0 when it has passed."""
    return max(0.0, min(until - time.monotonic(), most))


def in_turns(ones: Iterable[_One]) -> Iterator[_One]:
    """The same, one by one, for work on thousands: after each 2 ms of it other threads have their turn."""
    until = time.monotonic() + _TURN
    for one in ones:
        yield one
        if time.monotonic() >= until:
            time.sleep(0)
            until = time.monotonic() + _TURN


class Backoff:
    """Pauses that grow while something keeps failing. `pauses` are in seconds; the last one repeats."""

    def __init__(self, *pauses: float) -> None:
        self._pauses: Sequence[float] = pauses
        self._failures = 0

    @property
    def pause(self) -> float:
        """Seconds to wait before the next attempt; 0.0 when the last one succeeded, or there was none."""
        return self._pauses[self._failures - 1] if self._failures else 0.0

    def failed(self) -> float:
        """An attempt failed; returns the seconds to wait before the next."""
        self._failures = min(self._failures + 1, len(self._pauses))
        return self.pause

    def failed_unexpectedly(self) -> float:
        """An attempt failed for a reason that a quick repetition does not mend; returns the longest pause."""
        self._failures = len(self._pauses)
        return self.pause

    def succeeded(self) -> None:
        """An attempt succeeded: the next failure begins with the shortest pause."""
        self._failures = 0
