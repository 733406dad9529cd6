"""Counts of what came in and went out, by hour and day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from twilio_binding.clock import local_hour
from twilio_binding.history.counts import Count
from twilio_binding.history.ports import Tallies


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of an hour or a day, from `begin` on."""

    begin: datetime
    counts: dict[Count, int] = field(default_factory=dict)

    def of(self, count: Count) -> int:
        """One of the counts."""
        return self.counts.get(count, 0)

    @property
    def answer_seconds(self) -> float:
        """How long a caller waited for an answer, on average; 0.0 if nobody called."""
        answers = self.of("answers")
        return self.of("answer_ms") / answers / 1000 if answers else 0.0

    def add(self, count: Count, number: int) -> None:
        """Add to a count."""
        self.counts[count] = self.of(count) + number


class FiguresByTime:
    """Reads the hourly counts. `now` returns local time."""

    def __init__(self, tallies: Tallies, *, now: Callable[[], datetime]) -> None:
        self._tallies = tallies
        self._now = now

    def today(self) -> Figures:
        """The figures since midnight."""
        return self.days(1)[0]

    def hours(self, number: int) -> Sequence[Figures]:
        """The last hours, oldest first, including the current one."""
        begin = self._now().replace(minute=0, second=0, microsecond=0, tzinfo=None) - timedelta(hours=number - 1)
        return self._read(begin, number, 1)

    def days(self, number: int) -> Sequence[Figures]:
        """The last days, oldest first, including today."""
        midnight = self._now().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        return self._read(midnight - timedelta(days=number - 1), number, 24)

    def _read(self, begin: datetime, number: int, hours: int) -> Sequence[Figures]:
        first = local_hour(begin)
        found = [Figures(begin=begin + timedelta(hours=n * hours)) for n in range(number)]
        for hour, count, value in self._tallies.since(first):
            place = (hour - first) // hours
            if place < number:  # the clock may have been ahead
                found[place].add(count, value)
        return found
