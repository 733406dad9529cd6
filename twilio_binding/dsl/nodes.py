"""The content of an `.items` file, with positions."""

from __future__ import annotations

from dataclasses import dataclass, field

from twilio_binding.model.configuration import ParameterNode, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataNode:
    """One `namespace="value" [...]` of an item; the namespace `channel` is a link."""

    namespace: str
    value: str
    parameters: tuple[ParameterNode, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemNode:
    """An item as written; `arguments` are those of a group function, as in `Group:Switch:OR(ON, OFF)`."""

    type: str
    name: str
    arguments: tuple[str, ...] = ()
    label: str | None = None
    icon: str | None = None
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    metadata: tuple[MetadataNode, ...] = ()
    place: Place = field(default=Place(source="", line=0, column=0))
