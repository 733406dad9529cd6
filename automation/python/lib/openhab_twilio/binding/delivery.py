"""Delivers events of the service to the handlers' callbacks: each once, in order for each thing, as a unit.

openHAB updates items some milliseconds after a handler has sent their states, but starts rules on a trigger
immediately. So the trigger fires when the linked items have the states, and the next event waits until rules have read
them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence

from openhab_twilio.binding.bound_thing import BoundChannel, BoundThing
from openhab_twilio.binding.linked_items import LinkedItems
from openhab_twilio.java.jvm import JavaObject, jclass, words
from twilio_binding.protocol.events import BridgeEvent, EventAnswer, Outcome, answer_in_order

_SEEN = "twilio.relay.seen"
_REMEMBERED = 10_000
_MOMENT = 0.005
"""Seconds after a trigger in which rules read the items."""
_LIBRARY = "org.openhab.core.library.types."

_States = Sequence[tuple[JavaObject, JavaObject]]
"""UIDs of channels, and their states."""


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
        states, wrong = _read_states(bound, event.states)
        trigger = bound.channel(event.channel) if event.channel else None
        if wrong or (event.channel and (trigger is None or trigger.item)):
            return EventAnswer(id=event.id, outcome="unknown_channel", text=", ".join(wrong) or event.channel)
        try:
            with bound.events_lock:
                outcome = self._carry_out(bound, event, states, trigger)
        except BaseException as error:
            return EventAnswer(id=event.id, outcome="failed", text=words(error))
        if outcome == "done" and len(states) < len(event.states):
            return EventAnswer(id=event.id, outcome="bad_state", text=_unreadable(bound, event.states))
        return EventAnswer(id=event.id, outcome=outcome)

    def _carry_out(
        self, bound: BoundThing, event: BridgeEvent, states: _States, trigger: BoundChannel | None
    ) -> Outcome:
        callback = bound.callback
        if callback is None:
            return "not_ready"
        pause = bound.next_event_at - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        if not self._is_new(event.id):
            return "seen"
        try:
            self._update(callback, states)
            if trigger is not None:
                callback.channelTriggered(bound.thing, trigger.uid, event.payload)
        except BaseException:
            self._seen.remove(event.id)
            raise
        bound.next_event_at = time.monotonic() + _MOMENT
        return "done"

    def _update(self, callback: JavaObject, states: _States) -> None:
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


_NONE = "UNDEF"
"""States that mean "no state"; in a String item they are text."""
_STATES = {"DateTime": "DateTimeType", "Number": "DecimalType", "Switch": "OnOffType"}


def _read_states(bound: BoundThing, states: Sequence[tuple[str, str]]) -> tuple[_States, list[str]]:
    """The UIDs of channels with their readable states, and the names of channels that the thing does not have."""
    read, wrong = [], []
    for name, text in states:
        channel = bound.channel(name)
        if channel is None or not channel.item:
            wrong.append(name)
            continue
        state = _made(channel.item, text)
        if state is not None:
            read.append((channel.uid, state))
    return read, wrong


def _unreadable(bound: BoundThing, states: Sequence[tuple[str, str]]) -> str:
    """The names of the channels whose states cannot be read."""
    return ", ".join(state[0] for state in states if not _read_states(bound, [state])[0])


def _made(item: str, state: str) -> JavaObject | None:
    """A state as openHAB has it; None if it cannot be read."""
    made = jclass(_LIBRARY + _STATES.get(item, "StringType"))
    try:
        if state == _NONE and item != "String":
            return jclass("org.openhab.core.types.UnDefType").UNDEF
        return made.valueOf(state) if item == "Switch" else made(state)
    except BaseException:
        return None
