"""The phone menu: which key stands for which item or group, and which commands an item accepts by keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

from twilio_binding.model.sentences.items import ReachableItem, ReachableItems
from twilio_binding.model.sentences.values import types_of

TOP = "top"
_KEYS = 8
"""Keys of entries; 9 is the status."""
_BY_TYPE: Mapping[str, tuple[str, ...]] = {
    "Switch": ("ON", "OFF"),
    "Dimmer": ("ON", "OFF", "INCREASE", "DECREASE"),
    "Color": ("ON", "OFF", "INCREASE", "DECREASE"),
    "Rollershutter": ("UP", "DOWN", "STOP"),
    "Player": ("PLAY", "PAUSE", "NEXT", "PREVIOUS"),
}
_WITH_VALUES = ("Dimmer", "Color", "Rollershutter", "Number")


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntry:
    """The meaning of a key: an item, a group with its title, or the next page."""

    key: int
    item: ReachableItem | None = None
    group: str = ""
    title: str = ""

    @property
    def is_more(self) -> bool:
        """Whether it is the next page."""
        return self.item is None and not self.group


def entries(items: ReachableItems, node: str, page: int) -> Sequence[MenuEntry]:
    """The meanings of the keys at the top, or in a group.

    All items with a key are at the top. If there are more than eight, or two with the same key, they are in their
    groups.
    """
    keyed = sorted((item for item in items.by_name.values() if item.key), key=lambda item: item.key)
    keys = [item.key for item in keyed]
    if node == TOP and len(keyed) <= _KEYS and len({*keys}) == len(keys):
        return [MenuEntry(key=item.key, item=item) for item in keyed]
    if node != TOP:
        return _numbered([MenuEntry(key=item.key, item=item) for item in keyed if _group_of(item) == node], page)
    groups = dict.fromkeys(_group_of(item) for item in keyed)
    titled = sorted(((items.group_labels.get(name, name), name) for name in groups if name), key=_in_order)
    listed = [MenuEntry(key=0, group=name, title=title) for title, name in titled]
    alone = [MenuEntry(key=0, item=item) for item in keyed if not _group_of(item)]
    return _numbered([*listed, *alone], page)


def mark(listed: Iterable[MenuEntry]) -> str:
    """Identifies what the keys of a page mean: if items change during a call, a key must not mean another item."""
    meant = (f"{entry.key}:{entry.item.name if entry.item else entry.group}" for entry in listed)
    return f"{crc32(' '.join(meant).encode()):08x}"


def group_of(items: ReachableItems, item: ReachableItem) -> str:
    """The node of the menu that contains an item."""
    at_top = any(entry.item and entry.item.name == item.name for entry in entries(items, TOP, 0))
    return TOP if at_top else _group_of(item) or TOP


def offered(item: ReachableItem) -> Sequence[str]:
    """The commands of an item for keys 1 and up; "" means that a value is entered."""
    if item.commands or (item.words and item.type not in _BY_TYPE):
        chosen = [value for value in item.words if not item.commands or value in item.commands]
        return chosen[:_KEYS]
    kinds = types_of(item)
    values = tuple(dict.fromkeys(value for kind in sorted(kinds) for value in _BY_TYPE.get(kind, ())))[:7]
    return (*values, "") if kinds and kinds <= {*_WITH_VALUES} else values


def is_toggle(item: ReachableItem) -> bool:
    """Whether an item has only two states, and a key switches to the other."""
    return item.type == "Switch" and not item.commands and not item.is_group


def _in_order(titled: tuple[str, str]) -> tuple[str, str]:
    """The order of groups in the menu: by title, and by the numbers in it, so that room 2 comes before room 10."""
    title, name = titled
    return re.sub(r"\d+", lambda found: found[0].zfill(9), title.casefold()), name


def _group_of(item: ReachableItem) -> str:
    return item.groups[0] if item.groups else ""


def _numbered(found: Iterable[MenuEntry], page: int) -> Sequence[MenuEntry]:
    """The entries of a page, with keys from 1, or with their own keys if these fit."""
    listed = list(found)
    own = [entry.key for entry in listed]
    if len(listed) <= _KEYS:
        keys = own if all(own) and len({*own}) == len(own) else range(1, len(listed) + 1)
        return [_with_key(entry, key) for entry, key in zip(listed, keys, strict=True)]
    size = _KEYS - 1
    pages = -(-len(listed) // size)
    shown = listed[page % pages * size :][:size]
    return [*(_with_key(entry, key) for key, entry in enumerate(shown, 1)), MenuEntry(key=_KEYS)]


def _with_key(entry: MenuEntry, key: int) -> MenuEntry:
    return MenuEntry(key=key, item=entry.item, group=entry.group, title=entry.title)
