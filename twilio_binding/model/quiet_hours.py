"""Quiet hours of a contact."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Self

from twilio_binding.protocol.errors import TwilioBindingError

_FORM = re.compile(r"\s*(\d{1,2}):(\d{2})\s*[-\u2013]\s*(\d{1,2}):(\d{2})\s*", re.ASCII)


class QuietHoursError(TwilioBindingError):
    """A text that cannot be read as hours."""

    code = "bad_quiet_hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From `begin` to `end` each day, over midnight if `begin` is later; in local time."""

    begin: time
    end: time

    @classmethod
    def read(cls, text: str) -> Self:
        """The hours in a text such as 22:00-07:00; raises `QuietHoursError`."""
        found = _FORM.fullmatch(text)
        try:
            begin, end = (
                (time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))) if found else (None,) * 2
            )
        except ValueError:
            begin = end = None
        if begin is None or end is None:
            raise QuietHoursError("not quiet hours; use the form 22:00-07:00")
        if begin == end:
            raise QuietHoursError("quiet hours begin and end at the same time; remove them for no quiet hours")
        return cls(begin=begin, end=end)

    def end_after(self, now: datetime) -> datetime | None:
        """The end of the quiet hours if `now` is in them; otherwise None."""
        clock = now.time()
        is_quiet = self.begin <= clock < self.end if self.begin < self.end else not self.end <= clock < self.begin
        if not is_quiet:
            return None
        # Days have 23 or 25 hours when the clocks change; people mean the wall clock.
        day = now.date() if clock < self.end else now.date() + timedelta(days=1)
        return datetime.combine(day, self.end, tzinfo=None).astimezone()

    def __str__(self) -> str:
        """The text form."""
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"
