"""Things as they are written, with positions, before they are checked."""

from __future__ import annotations

from dataclasses import dataclass

Scalar = str | bool | int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A position; line and column begin at 1, and are 0 if unknown."""

    source: str
    line: int
    column: int

    def __str__(self) -> str:
        """`file:line:column`, as editors expect it."""
        return f"{self.source}:{self.line}:{self.column}" if self.line else self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterNode:
    """One `name=value`; several values form a list."""

    name: str
    values: tuple[Scalar, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingNode:
    """A Bridge or Thing; `uid` lacks the binding for a short form without a surrounding bridge.

    `outdated` is why this is an earlier content of its place; "" if it is the current one.
    """

    uid: str
    is_bridge: bool
    label: str | None
    location: str | None
    bridge: str | None
    parameters: tuple[ParameterNode, ...]
    place: Place
    outdated: str = ""
