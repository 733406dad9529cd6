"""What the pages show and do, as the composition offers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from twilio_binding.history.figures import FiguresByTime

Dependencies = dict[str, dict[str, object]]
Described = Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """Who may come in: `token` is "" where everybody may who reaches the listener.

    `hosts` are the names under which the pages are served, besides addresses and names without a dot; `secret` signs cookies.
    """

    token: str = field(default="", repr=False)
    hosts: frozenset[str] = frozenset()
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleParts:
    """Everything that the pages read and do.

    `dependencies` tells of each whether it is `up`, and else the `reason`; `things` describes all things.
    """

    entrance: Entrance
    dependencies: Callable[[], Dependencies]
    things: Callable[[], Described]
    figures: FiguresByTime
