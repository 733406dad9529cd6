"""Restores the last states of items after a restart of openHAB, and sets newly linked items."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress

import structlog

from twilio_binding.clock import in_turns
from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.delivery.set_aside import SetAside
from twilio_binding.openhab.registries.items import ItemValues
from twilio_binding.openhab.registries.links import ItemLink, ItemLinks, applied, is_kept
from twilio_binding.openhab.rest import RestClient

_log = structlog.get_logger(__name__)

_TRIES = 3
_FEW = 20
"""Up to so many items are read one by one; more are read in one list, with their pictures."""
_APPLIED = 1.0
"""Seconds in which openHAB applies an accepted state."""


class Restorer:
    """Sets items that have no state. An item that keeps failing is set aside and does not block others.

    `last_states` gives the last delivered state of each channel UID.
    """

    def __init__(
        self,
        rest: RestClient,
        values: ItemValues,
        links: ItemLinks,
        aside: SetAside,
        last_states: Callable[[], Mapping[str, str]],
    ) -> None:
        self._rest, self._values = rest, values
        self._links = links
        self._aside = aside
        self._last_states = last_states
        self._tries = 0
        self._life = 1
        self._begun = self._done = 0
        """The runs of openHAB in which restoring last began, and was last completed: the connection may break meanwhile."""
        self._refused: dict[ItemLink, str] = {}
        self._failed: dict[ItemLink, str] = {}

    def forget(self) -> None:
        """Handle that it may be another openHAB, or that openHAB was restarted."""
        self._life += 1

    def restore(self) -> None:
        """Restore all states once; `settle` handles those that failed."""
        if self._done != self._life:
            self._begun = self._life
            self._restore_all(self._last_states())

    def settle(self) -> None:
        """Set aside what was refused or failed too often; raises `DependencyDownError` if another try is due."""
        if self._done == self._life:
            return
        self._tries += 1
        if self._failed and self._tries < _TRIES:
            link, reason = next(iter(self._failed.items()))
            raise DependencyDownError(f"the state of the item {link.item} cannot be restored yet: {reason}")
        self._tries, self._done = 0, self._begun
        self._set_aside()

    def try_again(self, new: Collection[str] = ()) -> None:
        """Restore the states of channels with `new` links, and retry what was set aside."""
        channels = {link.channel for link in (*self._refused, *self._failed)} | set(new)
        if not channels:
            return
        states = self._last_states()
        self._restore_all({channel: states[channel] for channel in channels & states.keys()})
        self._set_aside()

    def _set_aside(self) -> None:
        for link, reason in (self._refused | self._failed).items():
            self._aside.refused(link.item, link.channel, reason)

    def _restore_all(self, states: Mapping[str, str]) -> None:
        self._refused, self._failed = {}, {}
        wanted = dict(in_turns(self._wanted(states)))
        full = self._items_with_state() if len(wanted) > _FEW else set()
        put = [
            link for link, state in in_turns(wanted.items()) if self._restore(link, state, is_full=link.item in full)
        ]
        if put:
            self._wait(put[-1])

    def _wanted(self, states: Mapping[str, str]) -> Iterator[tuple[ItemLink, str]]:
        """The wanted state of each linked item."""
        for channel, state in states.items():
            for link in self._links.of(channel):
                if is_kept(link.profile):
                    yield link, applied(link.profile, state, link.configuration) or ""

    def _items_with_state(self) -> set[str]:
        """The items with a state, from one list; if it cannot be read, each item is read."""
        try:
            return self._values.with_state()
        except (OpenHABRefusedError, DependencyDownError) as error:
            _log.info("openhab.items_not_listed", reason=str(error))
            return set()

    def _restore(self, link: ItemLink, state: str, *, is_full: bool) -> bool:
        """Set a state if there is none; returns whether it was set.

        The list may be outdated, so the item is read just before.
        """
        is_missing = False
        try:
            is_missing = not is_full and self._rest.state(link.item) == "NULL"
            if is_missing:
                self._rest.put_state(link.item, state)
        except OpenHABRefusedError as error:
            self._refused[link] = str(error)
        except DependencyDownError as error:
            self._failed[link] = str(error)
        else:
            self._aside.taken(link.item, link.channel)
            return is_missing
        return False

    def _wait(self, last: ItemLink) -> None:
        """Wait until openHAB has applied the states; otherwise they could overwrite newer ones."""
        until = time.monotonic() + _APPLIED
        with suppress(DependencyDownError, OpenHABRefusedError):
            while self._values.value(last.item) is None and time.monotonic() < until:
                time.sleep(0.01)
