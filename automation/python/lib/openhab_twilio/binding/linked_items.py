"""Waits until the items that are linked to channels have their new states, which openHAB applies some milliseconds later."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from openhab_twilio.java.jvm import JavaObject, has

_LINKS = "org.openhab.core.thing.link.ItemChannelLinkRegistry"
_ITEMS = "org.openhab.core.items.ItemRegistry"
_LONGEST = 1.0
"""Maximum seconds to wait for an item. After each wait without an update, the next one is a tenth as long."""
_SHORTEST = 0.005
_STEP = 0.0005
_KNOWN = 10.0
"""Seconds for which openHAB's registries are known."""
_PLAIN = ("", "default", "system:default")
_NEVER = ("follow", "system:follow")
"""A profile with which a thing's state does not reach the item."""


class ServiceLookup(Protocol):
    """Finds openHAB's registries."""

    def find(self, name: str) -> JavaObject | None:
        """A service of openHAB; None if there is none."""


class _Awaited:
    """An item that will be updated through a link."""

    def __init__(self, key: tuple[str, str], item: JavaObject, seconds: float) -> None:
        self.key = key
        self.deadline = time.monotonic() + seconds
        self._item = item
        self._before = item.getLastStateUpdate()

    @property
    def is_updated(self) -> bool:
        """Whether it has been updated."""
        now = self._item.getLastStateUpdate()
        return now is not None and (self._before is None or not now.equals(self._before))


class LinkedItems:
    """Waits for items. For items that never get a state (because of a profile or their type), the wait soon becomes short."""

    def __init__(self, services: ServiceLookup) -> None:
        self._services = services
        self._misses: dict[tuple[str, str], int] = {}
        self._found: tuple[JavaObject | None, JavaObject | None] = None, None
        self._look_up_at = 0.0

    def expect(self, channels: Sequence[JavaObject]) -> list[_Awaited]:
        """The items that are linked to channels, before the states are sent."""
        links, items = self._registries()
        if links is None or items is None:
            return []
        found = []
        for channel in channels:
            for link in links.getLinks(channel):
                item = items.get(link.getItemName())
                profile = str(link.getConfiguration().get("profile") or "")
                if item is not None and profile not in _NEVER and has(item, "getLastStateUpdate"):
                    key = (str(channel), str(link.getItemName()))
                    found.append(_Awaited(key, item, self._patience(key, is_plain=profile in _PLAIN)))
        return found

    def _registries(self) -> tuple[JavaObject | None, JavaObject | None]:
        """The registries of links and items, looked up again after a while, because their bundles may have been restarted."""
        now = time.monotonic()
        if now >= self._look_up_at or None in self._found:
            self._found = self._services.find(_LINKS), self._services.find(_ITEMS)
            self._look_up_at = now + _KNOWN
        return self._found

    def wait(self, awaited: Sequence[_Awaited]) -> None:
        """Wait until all have been updated, or long enough."""
        for one in awaited:
            while not one.is_updated and time.monotonic() < one.deadline:
                # Python's sleep lets other threads of the interpreter run; Java's does not.
                time.sleep(_STEP)
            if one.is_updated:
                self._misses.pop(one.key, None)
            else:
                self._misses[one.key] = self._misses.get(one.key, 0) + 1

    def _patience(self, key: tuple[str, str], *, is_plain: bool) -> float:
        misses = self._misses.get(key, 0) + (0 if is_plain else 1)
        return max(_SHORTEST, _LONGEST * 0.1**misses)
