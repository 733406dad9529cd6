"""The registry of links between items and channels, from files and REST clients."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from twilio_binding.sandbox.openhab.events import BusEvent

_CHANNEL_UID = re.compile(r"[\w-]+(?::[\w-]+){2,}:[\w-]+(?:#[\w-]+)?")


def is_channel_uid(text: str) -> bool:
    """Whether `text` can be the UID of a channel: it has at least four segments."""
    return _CHANNEL_UID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandInLink:
    """A link. `editable` is true if it was made over REST."""

    item: str
    channel: str
    configuration: dict[str, object] = field(default_factory=dict)
    editable: bool = False

    def rest(self) -> dict[str, object]:
        """The link as REST shows it."""
        return {"editable": self.editable, **self.dto()}

    def dto(self) -> dict[str, object]:
        """The link as its events contain it."""
        return {"channelUID": self.channel, "configuration": self.configuration, "itemName": self.item}


class StandInLinks:
    """All links, also those of things that do not exist."""

    def __init__(self, publish: Callable[[BusEvent], None]) -> None:
        self._publish = publish
        self._links: dict[tuple[str, str], StandInLink] = {}

    def find(self, item: str = "", channel: str = "") -> list[StandInLink]:
        """The links of an item, of a channel, of both, or all links, oldest first."""
        wanted = tuple(self._links.values())
        return [k for k in wanted if (not item or k.item == item) and (not channel or k.channel == channel)]

    def get(self, item: str, channel: str) -> StandInLink | None:
        """The link between an item and a channel, or None."""
        return self._links.get((item, channel))

    def put(self, link: StandInLink) -> None:
        """Add or replace a link. As in openHAB, only a new link is an event; a changed profile is not."""
        known = (link.item, link.channel) in self._links
        self._links[link.item, link.channel] = link
        if not known:
            self._tell(link, "added", "ItemChannelLinkAddedEvent")

    def remove(self, item: str, channel: str) -> None:
        """Remove a link that exists."""
        self._tell(self._links.pop((item, channel)), "removed", "ItemChannelLinkRemovedEvent")

    def clear(self) -> None:
        """Remove all links of files without an event, as openHAB does when it stops."""
        self._links = {key: link for key, link in self._links.items() if link.editable}

    def _tell(self, link: StandInLink, what: str, kind: str) -> None:
        self._publish(BusEvent(f"openhab/links/{link.item}-{link.channel}/{what}", kind, link.dto()))
