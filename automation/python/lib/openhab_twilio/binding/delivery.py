"""Delivers events of the service to the handlers' callbacks: each once, in order for each thing, as a unit.

openHAB updates items some milliseconds after a handler has sent their states, but starts rules on a trigger
immediately. So the trigger fires when the linked items have the states, and the next event waits until rules have read
them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence

from openhab_twilio.binding.bound_thing import BoundThing
from openhab_twilio.binding.linked_items import LinkedItems
from openhab_twilio.java.jvm import JavaObject, jclass, words
from twilio_binding.protocol.events import BridgeEvent, EventAnswer, Outcome, answer_in_order
from twilio_binding.protocol.thing_types import channel_of

_SEEN = "twilio.relay.seen"
_REMEMBERED = 10_000
_MOMENT = 0.005
"""Seconds after a trigger in which rules read the items."""
_THING = "org.openhab.core.thing."
_LIBRARY = "org.openhab.core.library.types."


def fired_ids() -> JavaObject:
    """The ids of fired events, oldest first.

    They are stored where the service's relay rule stores them, too: they survive the script, and an event that arrives
    both ways is fired once.
    """
    properties = jclass("java.lang.System").getProperties()
    ids = jclass("java.util.Collections").synchronizedSet(jclass("java.util.LinkedHashSet")())
    properties.putIfAbsent(_SEEN, ids)
    return properties.get(_SEEN)


class EventDelivery:
    """Passes events to openHAB. `exists` returns whether openHAB has a thing without a running handler.

    `seen` has the ids of fired events, see `fired_ids`.
    """

    def __init__(
        self,
        things: Mapping[str, BoundThing],
        exists: Callable[[str], bool],
        items: LinkedItems,
        seen: JavaObject,
    ) -> None:
        self._things = things
        self._exists = exists
        self._items = items
        self._lock = threading.Lock()
        self._seen = seen

    def deliver_all(self, events: Sequence[BridgeEvent]) -> list[EventAnswer]:
        """Deliver events. If one fails, later events of the same thing wait, so that their order is kept."""
        return answer_in_order(events, self.deliver)

    def deliver(self, event: BridgeEvent) -> EventAnswer:
        """Deliver one event."""
        bound = self._things.get(event.thing)
        if bound is None or not bound.is_running:
            if self._seen.contains(event.id):
                return EventAnswer(id=event.id, outcome="seen")
            known = bound is not None or self._exists(event.thing)
            return EventAnswer(id=event.id, outcome="not_ready" if known else "unknown_thing")
        items = {channel: _item(event.thing, channel) for channel, _ in event.states}
        wrong = [channel for channel, item in items.items() if not item]
        if wrong or (event.channel and _item(event.thing, event.channel) != ""):
            return EventAnswer(id=event.id, outcome="unknown_channel", text=", ".join(wrong) or event.channel)
        try:
            with bound.events_lock:
                outcome, text = self._carry_out(bound, event)
        except BaseException as error:
            return EventAnswer(id=event.id, outcome="failed", text=words(error))
        return EventAnswer(id=event.id, outcome=outcome, text=text)

    def _carry_out(self, bound: BoundThing, event: BridgeEvent) -> tuple[Outcome, str]:
        callback = bound.callback
        if callback is None:
            return "not_ready", ""
        time.sleep(max(0.0, bound.next_event_at - time.monotonic()))
        if not self._is_new(event.id):
            return "seen", ""
        made = [(channel, _made(_item(event.thing, channel), state)) for channel, state in event.states]
        try:
            self._update(callback, [(_channel(bound, channel), state) for channel, state in made if state is not None])
            if event.channel:
                callback.channelTriggered(bound.thing, _channel(bound, event.channel), event.payload)
        except BaseException:
            self._seen.remove(event.id)
            raise
        bound.next_event_at = time.monotonic() + _MOMENT
        unreadable = [channel for channel, state in made if state is None]
        return ("bad_state", ", ".join(unreadable)) if unreadable else ("done", "")

    def _update(self, callback: JavaObject, states: Sequence[tuple[JavaObject, JavaObject]]) -> None:
        """Send states; return when the linked items have them, or will not get them."""
        awaited = self._items.expect([channel for channel, _ in states])
        for channel, state in states:
            callback.stateUpdated(channel, state)
        self._items.wait(awaited)

    def _is_new(self, event_id: str) -> bool:
        with self._lock:
            if self._seen.size() >= _REMEMBERED:
                self._seen.remove(self._seen.iterator().next())
            return bool(self._seen.add(event_id))


def _channel(bound: BoundThing, channel: str) -> JavaObject:
    return jclass(_THING + "ChannelUID")(bound.thing.getUID(), channel)


def _item(thing: str, channel: str) -> str | None:
    """The item type of a channel, "" for a trigger; None if the thing has no such channel."""
    found = channel_of(thing, channel)
    return found.item if found else None


_NONE = "UNDEF"
"""States that mean "no state"; in a String item they are text."""
_STATES = {"DateTime": "DateTimeType", "Number": "DecimalType", "Switch": "OnOffType"}


def _made(item: str | None, state: str) -> JavaObject | None:
    """A state as openHAB has it; None if it cannot be read."""
    made = jclass(_LIBRARY + _STATES.get(item or "", "StringType"))
    try:
        if state == _NONE and item != "String":
            return jclass("org.openhab.core.types.UnDefType").UNDEF
        return made.valueOf(state) if item == "Switch" else made(state)
    except BaseException:
        return None
