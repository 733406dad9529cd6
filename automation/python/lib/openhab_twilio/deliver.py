"""Events of the sidecar on their way to the handlers' callbacks: each once, in order for each thing."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .bridge_protocol import BridgeEvent, EventAnswer, Outcome
from .handlers import Factory, Handler
from .jvm import JavaObject, jclass, words
from .wording import STATES, TRIGGERS

_SEEN = "twilio.relay.seen"
_REMEMBERED = 10_000
_THING = "org.openhab.core.thing."
_LIBRARY = "org.openhab.core.library.types."


class Delivery:
    """Hands events to handlers. `exists` says whether openHAB has a thing that no handler runs for.

    The ids of what was fired stand where the sidecar's relay rule has them, too: they outlive the script, and an event
    that came both ways is fired once.
    """

    def __init__(self, factory: Factory, exists: Callable[[str], bool]) -> None:
        self._factory = factory
        self._exists = exists
        self._lock = threading.Lock()
        properties = jclass("java.lang.System").getProperties()
        properties.putIfAbsent(_SEEN, jclass("java.util.LinkedHashSet")())
        self._seen = properties.get(_SEEN)

    def deliver(self, event: BridgeEvent) -> EventAnswer:
        """Carry out one event."""
        handler = self._factory.handlers.get(event.thing)
        if self._seen.contains(event.id):
            return EventAnswer(id=event.id, outcome="seen")
        if handler is None or not handler.is_running:
            known = handler is not None or self._exists(event.thing)
            return EventAnswer(id=event.id, outcome="not_ready" if known else "unknown_thing")
        wrong = [channel for channel, _ in event.states if channel not in STATES]
        if wrong or (event.channel and event.channel not in TRIGGERS):
            return EventAnswer(id=event.id, outcome="unknown_channel", text=", ".join(wrong) or event.channel)
        try:
            with handler.lock:
                outcome, text = self._carry_out(handler, event)
        except BaseException as error:
            return EventAnswer(id=event.id, outcome="failed", text=words(error))
        return EventAnswer(id=event.id, outcome=outcome, text=text)

    def _carry_out(self, handler: Handler, event: BridgeEvent) -> tuple[Outcome, str]:
        callback = handler.callback
        if callback is None:
            return "not_ready", ""
        unreadable = [channel for channel, state in event.states if not _update(callback, handler, channel, state)]
        if not self._is_new(event.id):
            return "seen", ""
        if event.channel:
            try:
                callback.channelTriggered(handler.thing, _channel(handler, event.channel), event.payload)
            except BaseException:
                self._seen.remove(event.id)
                raise
        return ("bad_state", ", ".join(unreadable)) if unreadable else ("done", "")

    def _is_new(self, event_id: str) -> bool:
        with self._lock:
            if self._seen.size() >= _REMEMBERED:
                self._seen.remove(self._seen.iterator().next())
            return bool(self._seen.add(event_id))


def _channel(handler: Handler, channel: str) -> JavaObject:
    return jclass(_THING + "ChannelUID")(handler.thing.getUID(), channel)


def _update(callback: JavaObject, handler: Handler, channel: str, state: str) -> bool:
    try:
        kind = jclass(_LIBRARY + ("DateTimeType" if STATES[channel] == "DateTime" else "StringType"))
        made = kind(state)
    except BaseException:
        return False
    callback.stateUpdated(_channel(handler, channel), made)
    return True
