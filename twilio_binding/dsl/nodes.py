"""What a `.things` or `.items` file says, with places."""

from __future__ import annotations

from dataclasses import dataclass, field

Scalar = str | bool | int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands; line and column begin at 1."""

    source: str
    line: int
    column: int

    def __str__(self) -> str:
        """`file:line:column`, as editors read it."""
        return f"{self.source}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterNode:
    """One `name=value`; several values make a list."""

    name: str
    values: tuple[Scalar, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingNode:
    """A Bridge or Thing; `uid` lacks its binding where a short form stands apart, without a bridge to take it from."""

    uid: str
    is_bridge: bool
    label: str | None
    location: str | None
    bridge: str | None
    parameters: tuple[ParameterNode, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataNode:
    """One `namespace="value" [...]` of an item; the namespace `channel` is a link."""

    namespace: str
    value: str
    parameters: tuple[ParameterNode, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemNode:
    """An item as written; `arguments` are those of a group's function, such as `Group:Switch:OR(ON, OFF)`."""

    type: str
    name: str
    arguments: tuple[str, ...] = ()
    label: str | None = None
    icon: str | None = None
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    metadata: tuple[MetadataNode, ...] = ()
    place: Place = field(default=Place(source="", line=0, column=0))
