"""Which items are linked to which channels."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from typing import Any


class Links:
    """The item links of our channels; loaded as a whole, then kept up to date by events."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: dict[str, tuple[str, ...]] = {}

    def items(self, channel_uid: str) -> tuple[str, ...]:
        """Names of the items linked to a channel, in order."""
        return self._items.get(channel_uid, ())

    def load(self, links: Iterable[dict[str, Any]]) -> None:
        """Replace everything by what openHAB lists."""
        items: dict[str, list[str]] = {}
        for link in links:
            channel, item = str(link.get("channelUID", "")), str(link.get("itemName", ""))
            if channel.startswith("twilio:") and item:
                items.setdefault(channel, []).append(item)
        with self._lock:
            self._items = {channel: tuple(sorted(names)) for channel, names in items.items()}

    def follow(self, topic: str, payload: str) -> tuple[str, str] | None:
        """Take over an event about a link; returns channel UID and item of one that was added."""
        link = json.loads(payload)
        channel, item = str(link.get("channelUID", "")), str(link.get("itemName", ""))
        if not channel.startswith("twilio:") or not item:
            return None
        with self._lock:
            names = {name for name in self._items.get(channel, ()) if name != item}
            added = topic.endswith("/added")
            if added:
                names.add(item)
            self._items = {**self._items, channel: tuple(sorted(names))}
        return (channel, item) if added else None
