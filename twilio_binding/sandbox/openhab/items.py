"""The item registry, and its events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from twilio_binding.model.sentences.units import in_unit, number_with_unit
from twilio_binding.sandbox.openhab.events import BusEvent
from twilio_binding.sandbox.openhab.states import NULL, UNDEF, UNITS, State, parse_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """An item as a `.items` file or a REST client defines it. `group_type` is the base type of a group.

    `group_function` is the function of a group with its arguments, such as OR, ON, OFF; () means that all members must be equal.
    OR, AND, MIN and MAX have an effect.
    `pattern` is the state pattern in the label; "" means the default of the item type.
    """

    name: str
    type: str
    label: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    group_type: str = ""
    group_function: tuple[str, ...] = ()
    editable: bool = False
    pattern: str = ""

    def dto(self) -> dict[str, object]:
        """The definition as item events contain it."""
        shown: dict[str, object] = {"type": self.type, "name": self.name}
        shown |= {"label": self.label} if self.label else {}
        shown |= {"category": self.category} if self.category else {}
        return shown | {"tags": list(self.tags), "groupNames": list(self.groups)}


@dataclass(slots=True, kw_only=True)
class Item:
    """An item and its state. Times are nanoseconds since the epoch; 0 means never."""

    definition: Definition
    metadata: dict[str, dict[str, object]] = field(default_factory=dict)
    state: State = NULL
    last: State | None = None
    updated: int = 0
    changed: int = 0


class Items:
    """All items. `publish` gets the events."""

    def __init__(self, publish: Callable[[BusEvent], None], zone: ZoneInfo) -> None:
        self._publish = publish
        self.zone = zone
        self._items: dict[str, Item] = {}
        self.changed = time.time()
        """When items or metadata changed last, in seconds since 1970."""

    def __iter__(self) -> Iterator[Item]:
        return iter(tuple(self._items.values()))

    def __len__(self) -> int:
        return len(self._items)

    def get(self, name: str) -> Item | None:
        """The item with this name, or None."""
        return self._items.get(name)

    def put(self, definition: Definition, metadata: dict[str, dict[str, object]] | None = None) -> None:
        """Add or replace an item. A replaced item has no state."""
        before = self._items.get(definition.name)
        self.changed = time.time()
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
        self.changed = time.time()
        self._publish(BusEvent(f"openhab/items/{name}/removed", "ItemRemovedEvent", item.definition.dto()))

    def parse(self, item: Item, text: str) -> State | None:
        """The state that `item` makes of `text`, or None. A group needs its base type, or all members, to accept the text."""
        definition = item.definition
        if definition.type != "Group":
            return parse_state(definition.type, text, self.zone)
        types = [definition.group_type] if definition.group_type else [m.definition.type for m in self.members(item)]
        states = [parse_state(kind, text, self.zone) for kind in types]
        return states[0] if states and all(states) else None

    def members(self, group: Item) -> list[Item]:
        """The members of the group `group`."""
        return [item for item in self._items.values() if group.definition.name in item.definition.groups]

    def groups(self, member: Item) -> list[Item]:
        """The groups of an item that exist."""
        return [self._items[name] for name in member.definition.groups if name in self._items]

    def calculated(self, group: Item) -> State | None:
        """The state that the function of a group makes of its members; None if it has no type, or a function that is not imitated."""
        members = self.members(group)
        match group.definition.group_function:
            case () if group.definition.group_type:
                states = {member.state for member in members}
                return states.pop() if len(states) == 1 else UNDEF
            case ("OR" | "AND" as function, active, passive):
                active_ones = [member.state.value == active for member in members]
                is_active = any(active_ones) if function == "OR" else all(active_ones)
                return self.parse(group, active if is_active else passive)
            case ("MIN" | "MAX" as function,):
                numbers = _numbers(members, unit := UNITS.get(group.definition.group_type.partition(":")[2], ""))
                most = min if function == "MIN" else max
                return self.parse(group, f"{most(numbers):g} {unit}".strip()) if numbers else UNDEF
            case _:
                return None

    def clear(self) -> None:
        """Remove all items of files without an event, as openHAB does when it stops."""
        self._items = {name: item for name, item in self._items.items() if item.definition.editable}


def _numbers(members: Iterable[Item], unit: str) -> list[float]:
    """The states that are numbers, in this unit where they have one."""
    found = filter(None, (number_with_unit(member.state.value) for member in members))
    converted = (in_unit(number, own, unit) if unit and own else number for number, own in found)
    return [number for number in converted if number is not None]
