"""The content of `.items` files, for the registries of the stand-in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from twilio_binding.dsl import ItemNode, MetadataNode, parse_items
from twilio_binding.sandbox.openhab.items import Definition
from twilio_binding.sandbox.openhab.links import is_channel_uid
from twilio_binding.sandbox.openhab.states import ITEM_TYPES

_CHANNEL = "channel"
_FORMAT = re.compile(r"\s*\[([^\]]*)\]$")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileItem:
    """An item of a file: its definition, its metadata by namespace, its channels and their link configuration."""

    definition: Definition
    metadata: dict[str, dict[str, object]] = field(default_factory=dict)
    channels: dict[str, dict[str, object]] = field(default_factory=dict)


def read_items(text: str, source: str) -> list[FileItem]:
    """Parse one file. Raises an error that names the line."""
    return [_item(node) for node in parse_items(text, source)]


def _item(node: ItemNode) -> FileItem:
    kind, _, base = node.type.partition(":")
    if kind not in ITEM_TYPES:
        raise ValueError(f"{node.place}: there is no item type {node.type}")
    group_type, function = _group(base, node.arguments) if kind == "Group" else ("", "")
    definition = Definition(
        name=node.name,
        type=kind if kind == "Group" else node.type,
        label=_FORMAT.sub("", node.label or ""),
        category=node.icon or "",
        tags=node.tags,
        groups=node.groups,
        group_type=group_type,
        group_function=(function, *node.arguments) if function else (),
        pattern=shown[1] if (shown := _FORMAT.search(node.label or "")) else "",
    )
    spaces = [entry for entry in node.metadata if entry.namespace != _CHANNEL]
    metadata = {entry.namespace: _metadata(entry) for entry in spaces}
    return FileItem(definition=definition, metadata=metadata, channels=_channels(node))


def _group(base: str, arguments: tuple[str, ...]) -> tuple[str, str]:
    """The base type of a group, which may have a dimension, and the name of its function."""
    before, colon, last = base.rpartition(":")
    return (before, last) if arguments or (colon and last.isupper()) else (base, "")


def _channels(node: ItemNode) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for entry in node.metadata:
        if entry.namespace == _CHANNEL:
            uids = [uid.strip() for uid in entry.value.split(",")]
            found |= {uid: _link_configuration(entry) for uid in uids if is_channel_uid(uid)}
    return found


def _link_configuration(entry: MetadataNode) -> dict[str, object]:
    """The configuration of a link. A profile without a scope gets the scope `system`."""
    settings = _settings(entry)
    profile = settings.get("profile")
    if isinstance(profile, str) and ":" not in profile:
        settings["profile"] = f"system:{profile}"
    return settings


def _metadata(entry: MetadataNode) -> dict[str, object]:
    settings = _settings(entry)
    return {"value": entry.value, **({"config": settings} if settings else {}), "editable": False}


def _settings(entry: MetadataNode) -> dict[str, object]:
    single = {p.name: p.values[0] if len(p.values) == 1 else list(p.values) for p in entry.parameters}
    return dict(single)
