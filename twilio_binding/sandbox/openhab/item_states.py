"""States of items, their history, and their events."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from twilio_binding.sandbox.openhab import datetimes
from twilio_binding.sandbox.openhab.events import BusEvent
from twilio_binding.sandbox.openhab.items import Item, Items
from twilio_binding.sandbox.openhab.states import NULL, State, in_base_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One state of an item, its source, and its time (monotonic seconds)."""

    state: str
    source: str
    at: float


class ItemStates:
    """Sets states of items. `show` is called for each change. `history` keeps the states, also those of removed items."""

    def __init__(
        self,
        items: Items,
        publish: Callable[[BusEvent], None],
        show: Callable[[str, dict[str, str]], None],
        history: int,
    ) -> None:
        self._items = items
        self._publish = publish
        self._show = show
        self._length = history
        self.history: dict[str, deque[Change]] = {}
        self.puts = 0

    def set_state(self, name: str, state: State, source: str) -> None:
        """Set a state, with the events that openHAB sends. Does nothing if the item does not exist."""
        item = self._items.get(name)
        if item is None:
            return
        topic = f"openhab/items/{name}"
        self._publish(BusEvent(f"{topic}/state", "ItemStateEvent", {"type": state.type, "value": state.value}))
        self.apply(name, state, source)

    def apply(self, name: str, state: State, source: str) -> None:
        """Set a state as `Item.setState` does: immediately, without an `ItemStateEvent`."""
        item = self._items.get(name)
        if item is None:
            return
        self._apply(item, state, source)

    def _apply(self, item: Item, state: State, source: str, member: str = "") -> None:
        """Set a state, and those of its groups, whose events have the name of the member. That of a group itself has no such event."""
        before, times = item.state, self._times(item)
        self._store(item, state, source)
        if member or item.definition.type != "Group":
            self._tell(item, before, times, member)
        for group in self._items.groups(item):
            calculated = self._items.calculated(group)
            if calculated is not None:
                self._apply(group, calculated, source, item.definition.name)

    def _tell(self, item: Item, before: State, times: dict[str, str], member: str) -> None:
        """Send the events of a state that was set; `before` and `times` are those of the state before."""
        name, state = item.definition.name, item.state
        topic, kind = (f"openhab/items/{name}/{member}", "Group") if member else (f"openhab/items/{name}", "Item")
        told = in_base_unit(state) if member else state
        value = {"type": told.type, "value": told.value}
        updated = value | {key: times[key] for key in times if key == "lastStateUpdate"}
        self._publish(BusEvent(f"{topic}/stateupdated", f"{kind}StateUpdatedEvent", updated))
        if before != state:
            changed = value | {"oldType": before.type, "oldValue": before.value} | times
            kind = "GroupItem" if member else kind
            self._publish(BusEvent(f"{topic}/statechanged", f"{kind}StateChangedEvent", changed))
            self._show(name, {"state": state.value, "type": state.type})

    def tell_command(self, name: str, command: State, predicted: State | None) -> None:
        """Send the events of a command. `predicted` is the state that openHAB predicts for a linked item."""
        topic = f"openhab/items/{name}"
        self._publish(BusEvent(f"{topic}/command", "ItemCommandEvent", {"type": command.type, "value": command.value}))
        if predicted is not None:
            body = {"predictedType": predicted.type, "predictedValue": predicted.value, "isConfirmation": True}
            self._publish(BusEvent(f"{topic}/statepredicted", "ItemStatePredictedEvent", body))

    def forget_states(self) -> None:
        """Set all states to NULL without an event, as a restart without persistence does."""
        for item in self._items:
            item.state, item.last, item.updated, item.changed = NULL, None, 0, 0

    def _times(self, item: Item) -> dict[str, str]:
        if not item.updated:
            return {}
        return {
            "lastStateUpdate": datetimes.stamp(item.updated, self._items.zone),
            "lastStateChange": datetimes.stamp(item.changed, self._items.zone),
        }

    def _store(self, item: Item, state: State, source: str) -> None:
        now = time.time_ns()
        if state != item.state:
            item.last, item.changed = item.state, now
        item.state, item.updated = state, now
        item.changed = item.changed or now
        self.puts += 1
        past = self.history.setdefault(item.definition.name, deque(maxlen=self._length))
        past.append(Change(state=state.value, source=source, at=time.monotonic()))
