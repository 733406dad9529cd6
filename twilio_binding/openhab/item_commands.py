"""Commands to items that are linked to channels, from openHAB's event stream."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import structlog

from twilio_binding.model.item_topics import state_topic, updated_item
from twilio_binding.openhab.registries.links import ItemLink, ItemLinks
from twilio_binding.protocol.commands import Command
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.thing_types import channel_of

_log = structlog.get_logger(__name__)

_COMMANDS = "openhab/items/*/command"
_ITEMS = "openhab/items/"
_PLAIN = ("", "system:default")
FOLLOW = "system:follow"
"""The profile that turns updates of an item into commands to the channel."""
_MOST_HELD = 1000


class _HeldState(NamedTuple):
    """A state of an item; `came_before`: it arrived before openHAB was prepared."""

    item: str
    payload: str
    came_before: bool


class ItemCommands:
    """Turns commands and states of linked items into commands to channels.

    If openHAB has the things, with the script, it applies profiles itself. Then this class passes only commands that no
    profile changes; the copy that the script sends is recognised by its content. While openHAB starts, it restores the
    old states of items, and these are not commands. So states are held until openHAB `is_prepared` and `settle` knows
    whether it has just started. States are handled in the order of their arrival.
    """

    def __init__(self, links: ItemLinks, *, has_profiles: Callable[[], bool], is_prepared: Callable[[], bool]) -> None:
        self._links = links
        self._has_profiles = has_profiles
        self._is_prepared = is_prepared
        self._lock = threading.Lock()
        self._held: deque[_HeldState] = deque(maxlen=_MOST_HELD)
        self.take: Callable[[Command], None] = lambda _: None

    def wanted(self) -> set[str]:
        """The topics of the event stream to follow."""
        writable = filter(_is_writable, self._links.channels())
        links = [link for channel in writable for link in self._links.of(channel)]
        topics = {_COMMANDS} if any(link.profile in _PLAIN for link in links) else set()
        if not self._has_profiles():
            topics |= {state_topic(link.item) for link in links if link.profile == FOLLOW}
        return topics

    def follow(self, topic: str, payload: str) -> None:
        """Handle an event of an item."""
        item, _, what = topic.removeprefix(_ITEMS).partition("/")
        if what == "command":
            self._command(item, payload, _PLAIN)
        elif updated := updated_item(topic):
            self._follow_in_order(updated, payload)

    def settle(self, *, has_started: bool) -> None:
        """Handle that openHAB is prepared: follow the held states, unless openHAB has just started."""
        with self._lock:
            while self._held:
                held = self._held.popleft()
                if not (has_started and held.came_before):
                    self._follow_state(held.item, held.payload)

    def _follow_in_order(self, item: str, payload: str) -> None:
        with self._lock:
            is_prepared = self._is_prepared()
            if self._held or not is_prepared:
                self._held.append(_HeldState(item, payload, came_before=not is_prepared))
            else:
                self._follow_state(item, payload)

    def _follow_state(self, item: str, payload: str) -> None:
        if not self._has_profiles():
            self._command(item, payload, (FOLLOW,))

    def _command(self, item: str, payload: str, profiles: tuple[str, ...]) -> None:
        links = [link for link in self._links.of_item(item) if link.profile in profiles and _is_writable(link.channel)]
        told = json.loads(payload) if links else {}
        if told.get("type") not in ("Refresh", "UnDef"):
            for link in links:
                self._take(link, str(told.get("value", "")))

    def _take(self, link: ItemLink, value: str) -> None:
        thing, _, channel = link.channel.rpartition(":")
        try:
            self.take(Command(thing=thing, channel=channel, value=value, way="stream"))
        except Refusal as refusal:
            _log.warning("command.refused", code=refusal.code, reason=refusal.message, item=link.item)
        except Exception:
            # Continue with the other items.
            _log.exception("command.failed", thing=thing, channel=channel, way="stream", item=link.item)


def _is_writable(channel_uid: str) -> bool:
    thing, _, channel_id = channel_uid.rpartition(":")
    channel = channel_of(thing, channel_id)
    return channel is not None and channel.writable
