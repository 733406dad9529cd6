"""The item registry: definitions, states and their history, and the events of both."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from twilio_binding.sandbox.openhab import datetimes
from twilio_binding.sandbox.openhab.events import BusEvent
from twilio_binding.sandbox.openhab.states import NULL, State, parse_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a `.items` file or a REST client says about an item; `group_type` is the base type of a group."""

    name: str
    type: str
    label: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    group_type: str = ""
    editable: bool = False

    def dto(self) -> dict[str, object]:
        """The definition as item events carry it."""
        shown: dict[str, object] = {"type": self.type, "name": self.name}
        shown |= {"label": self.label} if self.label else {}
        shown |= {"category": self.category} if self.category else {}
        return shown | {"tags": list(self.tags), "groupNames": list(self.groups)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One state an item took, who set it, and when (monotonic seconds)."""

    state: str
    source: str
    at: float


@dataclass(slots=True, kw_only=True)
class Item:
    """An item and its state; times are nanoseconds since the epoch, 0 for never."""

    definition: Definition
    metadata: dict[str, dict[str, object]] = field(default_factory=dict)
    state: State = NULL
    last: State | None = None
    updated: int = 0
    changed: int = 0


class Items:
    """All items. Events go to `publish`; what was written to an item outlives the item in `history`."""

    def __init__(
        self,
        publish: Callable[[BusEvent], None],
        show: Callable[[str, dict[str, str]], None],
        zone: ZoneInfo,
        history: int,
    ) -> None:
        self._publish = publish
        self._show = show
        self.zone = zone
        self._length = history
        self._items: dict[str, Item] = {}
        self.history: dict[str, deque[Change]] = {}
        self.puts = 0

    def __iter__(self) -> Iterator[Item]:
        return iter(tuple(self._items.values()))

    def __len__(self) -> int:
        return len(self._items)

    def get(self, name: str) -> Item | None:
        """The item of this name, if there is one."""
        return self._items.get(name)

    def put(self, definition: Definition, metadata: dict[str, dict[str, object]] | None = None) -> None:
        """Add or replace an item; a replaced one is a new object and has no state."""
        before = self._items.get(definition.name)
        self._items[definition.name] = Item(definition=definition, metadata=metadata or {})
        topic = f"openhab/items/{definition.name}"
        if before is None:
            self._publish(BusEvent(f"{topic}/added", "ItemAddedEvent", definition.dto()))
        else:
            pair = [definition.dto(), before.definition.dto()]
            self._publish(BusEvent(f"{topic}/updated", "ItemUpdatedEvent", pair))

    def remove(self, name: str) -> None:
        """Remove an item that exists."""
        item = self._items.pop(name)
        self._publish(BusEvent(f"openhab/items/{name}/removed", "ItemRemovedEvent", item.definition.dto()))

    def parse(self, item: Item, text: str) -> State | None:
        """The state that `item` takes from `text`; a group takes what its base or all of its members take."""
        definition = item.definition
        if definition.type != "Group":
            return parse_state(definition.type, text, self.zone)
        types = [definition.group_type] if definition.group_type else [m.definition.type for m in self.members(item)]
        states = [parse_state(kind, text, self.zone) for kind in types]
        return states[0] if states and all(states) else None

    def members(self, group: Item) -> list[Item]:
        """The items that name `group` as theirs."""
        return [item for item in self._items.values() if group.definition.name in item.definition.groups]

    def set_state(self, name: str, state: State, source: str) -> None:
        """Give an item a state, with the events that openHAB sends; nothing when the item is gone."""
        item = self._items.get(name)
        if item is None:
            return
        topic = f"openhab/items/{name}"
        self._publish(BusEvent(f"{topic}/state", "ItemStateEvent", {"type": state.type, "value": state.value}))
        self.apply(name, state, source)

    def apply(self, name: str, state: State, source: str) -> None:
        """Give an item a state as its own `setState` does: at once, and without the event that asks for it."""
        item = self._items.get(name)
        if item is None:
            return
        topic = f"openhab/items/{name}"
        value = {"type": state.type, "value": state.value}
        before, times = item.state, self._times(item)
        self._store(item, state, source)
        updated = value | {key: times[key] for key in times if key == "lastStateUpdate"}
        self._publish(BusEvent(f"{topic}/stateupdated", "ItemStateUpdatedEvent", updated))
        if before != state:
            changed = value | {"oldType": before.type, "oldValue": before.value} | times
            self._publish(BusEvent(f"{topic}/statechanged", "ItemStateChangedEvent", changed))
            self._show(name, {"state": state.value, "type": state.type})

    def tell_command(self, name: str, command: State, predicted: State | None) -> None:
        """Send the events of a command; `predicted` is the state that a linked item is said to keep."""
        topic = f"openhab/items/{name}"
        self._publish(BusEvent(f"{topic}/command", "ItemCommandEvent", {"type": command.type, "value": command.value}))
        if predicted is not None:
            body = {"predictedType": predicted.type, "predictedValue": predicted.value, "isConfirmation": True}
            self._publish(BusEvent(f"{topic}/statepredicted", "ItemStatePredictedEvent", body))

    def forget_states(self) -> None:
        """All states become NULL without an event, as after a restart without persistence."""
        for item in self._items.values():
            item.state, item.last, item.updated, item.changed = NULL, None, 0, 0

    def clear(self) -> None:
        """Forget all file items without an event, as a stopping server does."""
        self._items = {name: item for name, item in self._items.items() if item.definition.editable}

    def _times(self, item: Item) -> dict[str, str]:
        if not item.updated:
            return {}
        return {
            "lastStateUpdate": datetimes.stamp(item.updated, self.zone),
            "lastStateChange": datetimes.stamp(item.changed, self.zone),
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
