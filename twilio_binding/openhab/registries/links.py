"""Which items are linked to which channels, and what they get through the profiles of the links.

openHAB applies no profile to a channel whose thing it does not have. The functions here do what openHAB's own profiles
do with a state or an event of a thing (core, `internal/profiles`).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from sys import intern
from typing import Any

from twilio_binding.clock import in_turns, local_now
from twilio_binding.openhab.rest import RestClient
from twilio_binding.protocol.thing_types import channel_of, type_of

Applied = str | None
"""The state for the item; None if it gets none."""
_Function = Callable[[str, Mapping[str, Any]], Applied]

_NONE: Mapping[str, Any] = {}

COMMANDING = "system:trigger-event-string"
"""Profiles that send the item a command instead of a state."""


def _now(_text: str, _configuration: Mapping[str, Any]) -> Applied:
    return local_now().isoformat(timespec="milliseconds")


def _same(text: str, _configuration: Mapping[str, Any]) -> Applied:
    return text


def _nothing(_text: str, _configuration: Mapping[str, Any]) -> Applied:
    return None


def _moved(text: str, configuration: Mapping[str, Any]) -> Applied:
    """A time moved by an offset in seconds; other texts stay as they are."""
    with suppress(ValueError, TypeError, OverflowError):
        moved = datetime.fromisoformat(text) + timedelta(seconds=int(configuration.get("offset", 0)))
        return moved.isoformat(timespec="milliseconds")
    return text


_OF_STATES: Mapping[str, _Function] = {
    "": _same,
    "system:default": _same,
    "system:follow": _nothing,
    "system:timestamp-update": _now,
    "system:timestamp-offset": _moved,
}
_OF_TRIGGERS: Mapping[str, _Function] = {
    "system:timestamp-trigger": _now,
    COMMANDING: _same,
}
_KEPT = frozenset(("", "system:default", "system:timestamp-offset"))
"""Profiles whose state is still right when it is restored later."""


def applied(profile: str, text: str, configuration: Mapping[str, Any], *, to_trigger: bool = False) -> Applied:
    """What an item gets from a state or, `to_trigger`, from the payload of an event."""
    functions = _OF_TRIGGERS if to_trigger else _OF_STATES
    return functions.get(profile, _nothing)(text, configuration)


def is_kept(profile: str) -> bool:
    """Whether an item without a state may get the last one again."""
    return profile in _KEPT


def problem(channel_uid: str, profile: str, things: Collection[str], *, has_profiles: bool) -> str:
    """Why a link cannot work, "" if it can. Without `things`, any thing may exist.

    `has_profiles`: openHAB has the thing, and applies the profile.
    """
    thing, _, channel = channel_uid.rpartition(":")
    thing_type, found = type_of(thing), channel_of(thing, channel)
    if (things and thing not in things) or thing_type is None:
        return f"unknown {thing_type.id if thing_type else 'phone'} {thing}; correct the link"
    if found is None:
        return f"{'an' if thing_type.id[0] == 'a' else 'a'} {thing_type.id} has no channel {channel}; correct the link"
    if has_profiles:
        return ""
    is_trigger = not found.item
    if is_trigger and profile in ("", "system:default"):
        return f"{channel} is a trigger channel: it sets an item only with a profile such as timestamp-trigger"
    if profile not in (_OF_TRIGGERS if is_trigger else _OF_STATES):
        return (
            f"the profile {profile} works only with the script in openHAB; "
            "without the script, link another item without a profile and convert its state in a rule"
        )
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLink:
    """A link of an item to the channel with this UID; `profile` is the full name, "" for none."""

    item: str
    channel: str
    profile: str = ""
    configuration: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @classmethod
    def read(cls, shown: dict[str, Any]) -> ItemLink | None:
        """A link as openHAB shows it; None when it is not ours."""
        channel, item = str(shown.get("channelUID", "")), str(shown.get("itemName", ""))
        if not channel.startswith("twilio:") or not item:
            return None
        configuration = shown.get("configuration") or _NONE
        profile = str(configuration.get("profile") or "").strip()
        full = f"system:{profile}" if profile and ":" not in profile else profile
        # A channel may have thousands of links, which share its name.
        return cls(item=item, channel=intern(channel), profile=full, configuration=configuration)


_Index = dict[str, dict[str, ItemLink]]


def _note(link: ItemLink, of_channels: _Index, of_items: _Index, *, is_there: bool) -> None:
    ours, of_item = of_channels.setdefault(link.channel, {}), of_items.setdefault(link.item, {})
    if is_there:
        ours[link.item] = of_item[link.channel] = link
    else:
        ours.pop(link.item, None)
        of_item.pop(link.channel, None)


class ItemLinks:
    """The item links of our channels; loaded as a whole, then kept current by events."""

    topic = "openhab/links/"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._added: list[ItemLink] = []
        self._meanwhile: list[tuple[ItemLink, bool]] | None = None
        """Events that come while the list is being read, which may be older: links, and whether they were added."""
        self._links: _Index = {}
        """By channel and item."""
        self._of_items: _Index = {}
        """By item and channel."""
        self._ordered: dict[str, tuple[ItemLink, ...]] = {}
        """By channel, for channels that were read since their last change."""

    def of(self, channel_uid: str) -> tuple[ItemLink, ...]:
        """The links of a channel, by item name."""
        found = self._ordered.get(channel_uid)
        if found is None and channel_uid in self._links:
            with self._lock:
                links = self._links.get(channel_uid, {}).values()
                found = self._ordered[channel_uid] = tuple(sorted(links, key=attrgetter("item")))
        return found or ()

    def of_item(self, item: str) -> tuple[ItemLink, ...]:
        """The links of an item."""
        with self._lock:
            return tuple(self._of_items.get(item, {}).values())

    def has(self, item: str, channel_uid: str) -> bool:
        """Whether an item is linked to a channel."""
        return item in self._links.get(channel_uid, {})

    def channels(self) -> tuple[str, ...]:
        """The UIDs of the channels that have or had a link."""
        return tuple(self._links)

    def given(
        self, thing: str, states: Iterable[tuple[str, str]], *, channel: str = "", payload: str = ""
    ) -> list[tuple[ItemLink, str]]:
        """What linked items get from an event of a thing: from its states, and from the trigger of `channel`."""
        found = [
            (link, applied(link.profile, state, link.configuration))
            for state_channel, state in states
            for link in self.of(f"{thing}:{state_channel}")
        ]
        found += [
            (link, applied(link.profile, payload, link.configuration, to_trigger=True))
            for link in (self.of(f"{thing}:{channel}") if channel else ())
        ]
        return [(link, text) for link, text in found if text is not None]

    def all(self) -> Iterator[ItemLink]:
        """All links."""
        return (link for channel in self.channels() for link in self.of(channel))

    def problems(self, things: Collection[str], *, has_profiles: bool) -> dict[tuple[str, str], str]:
        """Why links cannot work, by item and channel. Without `things`, any thing may exist.

        `has_profiles`: openHAB has the things itself, and applies the profiles.
        """
        reasons: dict[tuple[str, str], str] = {}
        found = {}
        for link in in_turns(self.all()):
            key = (link.channel, link.profile)
            if key not in reasons:
                reasons[key] = problem(*key, things, has_profiles=has_profiles)
            if reasons[key]:
                found[link.item, link.channel] = reasons[key]
        return found

    def read(self, rest: RestClient) -> None:
        """Read all links; events that arrive meanwhile are newer."""
        with self._lock:
            self._meanwhile = []
        try:
            self.load(rest.links())
        finally:
            with self._lock:
                self._meanwhile = None

    def load(self, links: Iterable[dict[str, Any]]) -> None:
        """Replace everything with openHAB's list; other threads run meanwhile."""
        found: _Index = {}
        of_items: _Index = {}
        for shown in in_turns(links):
            link = ItemLink.read(shown)
            if link is not None:
                _note(link, found, of_items, is_there=True)
        with self._lock:
            for link, is_there in self._meanwhile or ():
                _note(link, found, of_items, is_there=is_there)
            before, self._links, self._of_items, self._ordered = self._of_items, found, of_items, {}
        for item in in_turns(tuple(before)):  # all at once, they would delay callers
            del before[item]

    def follow(self, topic: str, payload: str) -> bool:
        """Handle an event of a link; each is a reason to check the links."""
        link = ItemLink.read(json.loads(payload))
        if link is None:
            return True
        added = topic.endswith("/added")
        with self._lock:
            # When openHAB reads a file, this is one of thousands of events, so nothing is sorted or copied here.
            self._ordered.pop(link.channel, None)
            _note(link, self._links, self._of_items, is_there=added)
            if added:
                self._added.append(link)
            if self._meanwhile is not None:
                self._meanwhile.append((link, added))
        return True

    def take_added(self) -> set[str]:
        """The UIDs of the channels that got a link since the last call."""
        with self._lock:
            added, self._added = self._added, []
        return {link.channel for link in added}
