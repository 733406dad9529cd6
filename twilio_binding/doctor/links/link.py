"""What a link is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from twilio_binding.doctor.case import Case
from twilio_binding.doctor.results import LinkResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link: `look` gives what it finds out, within `seconds`, where the link `applies` to a case at all."""

    id: str
    title: str
    look: Callable[[Case], Iterator[LinkResult]]
    seconds: Callable[[Case], float] = lambda _: 20.0
    applies: Callable[[Case], bool] = lambda _: True
