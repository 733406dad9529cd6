"""Which items are linked to which channels, and by which profile."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from twilio_binding.openhab.profiles import problem
from twilio_binding.openhab.rest import RestClient


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLink:
    """A link of an item to the channel with this UID; `profile` is the full name, "" for none."""

    item: str
    channel: str
    profile: str = ""
    configuration: dict[str, Any] = field(default_factory=dict, compare=False)

    @classmethod
    def read(cls, shown: dict[str, Any]) -> ItemLink | None:
        """A link as openHAB shows it; None when it is none of ours."""
        channel, item = str(shown.get("channelUID", "")), str(shown.get("itemName", ""))
        if not channel.startswith("twilio:") or not item:
            return None
        configuration = shown.get("configuration") or {}
        profile = str(configuration.get("profile") or "").strip()
        full = f"system:{profile}" if profile and ":" not in profile else profile
        return cls(item=item, channel=channel, profile=full, configuration=configuration)


class ItemLinks:
    """The item links of our channels; loaded as a whole, then kept current by events."""

    topic = "openhab/links/"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._added: list[ItemLink] = []
        self._links: dict[str, tuple[ItemLink, ...]] = {}

    def of(self, channel_uid: str) -> tuple[ItemLink, ...]:
        """The links of a channel, by name of the item."""
        return self._links.get(channel_uid, ())

    def all(self) -> list[ItemLink]:
        """All links."""
        return [link for links in tuple(self._links.values()) for link in links]

    def problems(self, things: Collection[str], *, has_profiles: bool) -> dict[tuple[str, str], str]:
        """Why links cannot work, by item and channel. Without `things` any may be one.

        `has_profiles`: openHAB has the things itself, and applies the profiles.
        """
        found = {
            (link.item, link.channel): problem(link.channel, link.profile, things, has_profiles=has_profiles)
            for link in self.all()
        }
        return {key: reason for key, reason in found.items() if reason}

    def read(self, rest: RestClient) -> None:
        """Read all links."""
        self.load(rest.links())

    def load(self, links: Iterable[dict[str, Any]]) -> None:
        """Replace everything by what openHAB lists."""
        found: dict[str, list[ItemLink]] = {}
        for shown in links:
            link = ItemLink.read(shown)
            if link is not None:
                found.setdefault(link.channel, []).append(link)
        with self._lock:
            self._links = {channel: _sorted(ours) for channel, ours in found.items()}

    def follow(self, topic: str, payload: str) -> bool:
        """Take over an event about a link; each one is a reason to look at the links."""
        link = ItemLink.read(json.loads(payload))
        if link is None:
            return True
        added = topic.endswith("/added")
        with self._lock:
            others = [known for known in self.of(link.channel) if known.item != link.item]
            self._links = {**self._links, link.channel: _sorted([*others, link] if added else others)}
            if added:
                self._added.append(link)
        return True

    def take_added(self) -> set[str]:
        """The UIDs of the channels that got a link since the last call."""
        with self._lock:
            added, self._added = self._added, []
        return {link.channel for link in added}


def _sorted(links: Iterable[ItemLink]) -> tuple[ItemLink, ...]:
    return tuple(sorted(links, key=lambda link: link.item))
