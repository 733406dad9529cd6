"""All registries, and how they are kept current."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twilio_binding.openhab.event_stream import Follower
from twilio_binding.openhab.registries.links import ItemLinks
from twilio_binding.openhab.registries.rules import RuleListeners
from twilio_binding.openhab.registries.things import OpenHABThings
from twilio_binding.openhab.rest import RestClient


class Registries:
    """What openHAB has: links, rules, and its own things if they are used."""

    def __init__(self, rest: RestClient, things: OpenHABThings | None) -> None:
        self._rest = rest
        self.links, self.rules, self._things = ItemLinks(), RuleListeners(), things

    @property
    def followers(self) -> Sequence[Follower]:
        """The registries that follow the event stream."""
        return (self.links, self.rules, *([self._things] if self._things else ()))

    def forget_events(self) -> None:
        """Handle that it may be another openHAB now."""
        if self._things is not None:
            self._things.forget_events()

    def read(self, *, has_all_things: Callable[[], bool]) -> None:
        """Read everything."""
        self.links.read(self._rest)
        self.rules.read(self._rest)
        self._read_things(has_all_things)

    def catch_up(self, *, has_links: bool, has_all_things: Callable[[], bool]) -> None:
        """Read what has changed according to events; without events, read everything, because one may have been lost.

        `has_links`: the links are known already, from events.
        """
        are_rules_stale, are_things_stale = self.rules.is_stale, self._things is not None and self._things.is_stale
        is_all = not (has_links or are_rules_stale or are_things_stale)
        if is_all:
            self.links.read(self._rest)
        if is_all or are_rules_stale:
            self.rules.read(self._rest)
        if is_all or are_things_stale:
            self._read_things(has_all_things)

    def _read_things(self, has_all_things: Callable[[], bool]) -> None:
        if self._things is not None:
            self._things.read(self._rest, has_all_things=has_all_things)
