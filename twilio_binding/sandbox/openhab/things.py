"""The thing registry: things that a REST client stores, and things that a test adds as if a binding handled them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from twilio_binding.sandbox.openhab.events import BusEvent
from twilio_binding.sandbox.openhab.links import StandInLinks

Dto = dict[str, object]
MISSING = {
    "status": "UNINITIALIZED",
    "statusDetail": "HANDLER_MISSING_ERROR",
    "description": "Handler factory not found",
}
ENABLED_AGAIN = {"status": "UNINITIALIZED", "statusDetail": "HANDLER_MISSING_ERROR"}
DISABLED = {"status": "UNINITIALIZED", "statusDetail": "DISABLED"}
_PLAIN = ("label", "bridgeUID")


@dataclass(slots=True, kw_only=True)
class Thing:
    """A stored thing. `status` is that of a thing without a handler, unless a test has given it another one."""

    uid: str
    definition: Dto
    status: dict[str, str] = field(default_factory=lambda: dict(MISSING))
    editable: bool = True

    @property
    def channels(self) -> list[Dto]:
        """The channels of the thing."""
        found = self.definition.get("channels")
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

    @property
    def handled(self) -> bool:
        """Whether the thing counts as one with a handler."""
        return self.status.get("statusDetail") not in {"HANDLER_MISSING_ERROR", "DISABLED"}

    def dto(self) -> Dto:
        """The thing as its events contain it."""
        defined = self.definition
        shown: Dto = {"channels": self.channels}
        shown |= {key: defined[key] for key in _PLAIN if defined.get(key)}
        shown |= {"configuration": defined.get("configuration") or {}, "properties": defined.get("properties") or {}}
        return shown | {"UID": self.uid, "thingTypeUID": defined.get("thingTypeUID")} | self._place()

    def rest(self, links: StandInLinks) -> Dto:
        """The thing as REST shows it, with the items that its channels are linked to."""
        channels = [{"linkedItems": [k.item for k in links.find(channel=_uid(c))], **c} for c in self.channels]
        head: Dto = {"channels": channels, "statusInfo": self.status, "editable": self.editable}
        return head | {key: value for key, value in self.dto().items() if key != "channels"}

    def summary(self) -> Dto:
        """The thing without channels, configuration and properties."""
        head: Dto = {"statusInfo": self.status, "editable": self.editable}
        dropped = {"channels", "configuration", "properties"}
        return head | {key: value for key, value in self.dto().items() if key not in dropped}

    def _place(self) -> Dto:
        return {"location": self.definition["location"]} if self.definition.get("location") else {}


class StandInThings:
    """All things, and the thing types that a test has added."""

    def __init__(self, publish: Callable[[BusEvent], None]) -> None:
        self._publish = publish
        self._things: dict[str, Thing] = {}
        self.types: dict[str, Dto] = {}

    def __iter__(self) -> Iterator[Thing]:
        return iter(tuple(self._things.values()))

    def get(self, uid: str) -> Thing | None:
        """The thing with this UID, or None."""
        return self._things.get(uid)

    def add(self, thing: Thing) -> None:
        """Add a thing whose UID is not in use."""
        self._things[thing.uid] = thing
        self._tell(thing, "added", "ThingAddedEvent", thing.dto())
        self._status(thing, {"status": "UNINITIALIZED", "statusDetail": "NONE"})

    def update(self, thing: Thing, definition: Dto) -> None:
        """Give a thing a new definition."""
        before = thing.dto()
        thing.definition = definition
        self._tell(thing, "updated", "ThingUpdatedEvent", [thing.dto(), before])

    def set_status(self, thing: Thing, status: dict[str, str]) -> None:
        """Give a thing a new status."""
        before, thing.status = thing.status, status
        self._status(thing, before)

    def remove(self, thing: Thing) -> None:
        """Remove a thing."""
        self._things.pop(thing.uid, None)
        self._tell(thing, "removed", "ThingRemovedEvent", thing.dto())

    def channel(self, uid: str) -> Dto | None:
        """The channel with this UID, or None."""
        found = (channel for thing in self for channel in thing.channels if _uid(channel) == uid)
        return next(found, None)

    def hold_back(self) -> bool:
        """Whether an enabled thing without a handler keeps the start level at 70."""
        return any(thing.status.get("statusDetail") == "HANDLER_MISSING_ERROR" for thing in self)

    def clear(self) -> None:
        """Remove all things and types without an event."""
        self._things.clear()
        self.types.clear()

    def _status(self, thing: Thing, before: dict[str, str]) -> None:
        self._tell(thing, "status", "ThingStatusInfoEvent", thing.status)
        if thing.status != before:
            self._tell(thing, "statuschanged", "ThingStatusInfoChangedEvent", [thing.status, before])

    def _tell(self, thing: Thing, what: str, kind: str, payload: object) -> None:
        self._publish(BusEvent(f"openhab/things/{thing.uid}/{what}", kind, payload))


def _uid(channel: Dto) -> str:
    return str(channel.get("uid", ""))
