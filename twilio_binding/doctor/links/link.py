"""The definition of a link."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from twilio_binding.doctor.case import Case
from twilio_binding.doctor.results import LinkResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link: `look` yields its findings within `seconds`, if the link `applies` to the case."""

    id: str
    title: str
    look: Callable[[Case], Iterator[LinkResult]]
    seconds: Callable[[Case], float] = lambda _: 20.0
    applies: Callable[[Case], bool] = lambda _: True
