"""States and updates of the items in conditions of alarms."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from functools import partial

import structlog

from twilio_binding.alarms.engine import Engine
from twilio_binding.alarms.ports import AlarmItems
from twilio_binding.errors import DependencyDownError
from twilio_binding.model.item_topics import state_topic, update_topic, updated_item
from twilio_binding.model.watches import ReadState
from twilio_binding.subscribers import Subscribers
from twilio_binding.workers import Workers

_log = structlog.get_logger(__name__)


class WatchedItems:
    """Follows the items on openHAB's event stream, and asks for their states if it may have missed something.

    `names` returns the items. Subscribers are notified on the engine's thread with item and state; not of NULL and UNDEF
    while openHAB starts, because an item that is not restored yet would seem to change, nor of groups, whose members are restored
    one after the other. The event of a group with a unit may have its state in the base unit, such as K, so that state is read.
    """

    updated: Subscribers[[str, str]]
    """Notified when the item was updated."""
    known: Subscribers[[str, ReadState]]
    """Notified of the state of an item, which may be old."""

    def __init__(self, items: AlarmItems, engine: Engine, names: Callable[[], Collection[str]]) -> None:
        self._items = items
        self._engine = engine
        self._names = names
        self._workers = Workers(1)  # states that were read are told in their order
        self._unread: set[str] = set()
        self._failed: dict[str, Callable[[ReadState], None]] = {}
        self._is_down = True
        self.updated, self.known = Subscribers(), Subscribers()
        self.start, self.stop = self._workers.start, self._workers.stop

    def topics(self) -> set[str]:
        """The topics of openHAB's event stream to follow."""
        return set(map(state_topic, self._names()))

    def follow(self, topic: str, payload: str) -> None:
        """Handle an event of the event stream."""
        item = updated_item(topic)
        if item not in self._names():
            return
        told = json.loads(payload)
        state = str(told.get("value", ""))
        if topic == update_topic(item):
            self._engine.tell(partial(self._updated, item, state))
        elif told.get("type") == "Quantity":
            self._read_soon(item)
        else:
            self._engine.tell(partial(self._recalculated, item, ReadState(state)))

    def look(self) -> None:
        """Ask for the states of all items."""
        for item in self._names():
            self._workers.put(partial(self._ask, item, partial(self._known, item)))

    def openhab(self, *, is_down: bool) -> None:
        """Handle whether openHAB is down, every second: when it has started, ask for all states, which may have been missing; then again for those that it did not tell."""
        has_started, self._is_down = self._is_down and not is_down, is_down
        if has_started:
            self.look()
        for item in () if is_down else tuple(self._failed):
            self._workers.put(partial(self._ask, item, self._failed.pop(item)))

    def _read_soon(self, item: str) -> None:
        """Read the state of a group; updates until then need no other read."""
        if item not in self._unread:
            self._unread.add(item)
            self._workers.put(partial(self._read, item))

    def _read(self, item: str) -> None:
        self._unread.discard(item)
        self._ask(item, partial(self._recalculated, item))

    def _ask(self, item: str, tell: Callable[[ReadState], None]) -> None:
        try:
            state = self._items.read(item)
        except Exception as error:
            _log.info("alarm.item_unknown", item=item, reason=str(error))
            if isinstance(error, DependencyDownError):  # mostly, openHAB is slow
                self._failed[item] = tell
        else:
            self._engine.tell(partial(tell, state))

    def _updated(self, item: str, state: str) -> None:
        if self._is_restored(state):
            self.updated.notify(item, state)

    def _recalculated(self, item: str, state: ReadState) -> None:
        """Handle an update of a group."""
        if not self._is_down:
            self.updated.notify(item, state.value)

    def _known(self, item: str, state: ReadState) -> None:
        if self._is_restored(state.value):
            self.known.notify(item, state)

    def _is_restored(self, state: str) -> bool:
        return not (self._is_down and state in ("NULL", "UNDEF"))
