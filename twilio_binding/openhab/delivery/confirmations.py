"""What runs of the relay rule show on the event stream: which events were done, and which items took no state."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.delivery.relay_text import DONE_CHANNEL, REFUSED_CHANNEL, Firing
from twilio_binding.openhab.registries.rules import RULE_UID

_LONGEST = 3.0
"""Seconds after the answer within which the events must show on the event stream."""
_UNANSWERED = 0.3
"""The same, where no answer came: openHAB may have run the rule all the same."""

Refused = dict[tuple[str, str], str]
"""Why an item did not take its state, by event id and item."""


@dataclass(slots=True, eq=False)
class Confirmation:
    """What one run of the rule still has to show, and what it said of items."""

    missing: set[str]
    refused: Refused = field(default_factory=dict)
    complete: threading.Event = field(default_factory=threading.Event)

    def came_unanswered(self) -> bool:
        """Whether all is confirmed soon, although the request for the run had no good answer."""
        return self.complete.wait(_UNANSWERED)

    def wait(self) -> None:
        """Wait until all is confirmed; `DependencyDownError` when that does not come."""
        if not self.complete.wait(_LONGEST):
            raise DependencyDownError(
                f"openHAB did not confirm {len(self.missing)} events that were given to the rule {RULE_UID}"
            )


class Confirmations:
    """Follows the trigger channels of the service's things on the event stream."""

    topic = "openhab/channels/"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._triggers: dict[tuple[str, str], deque[tuple[Confirmation, str]]] = {}
        self._by_id: dict[str, Confirmation] = {}

    def follow(self, topic: str, payload: str) -> bool:
        """Take over a trigger event; it changes nothing that would have to be read again."""
        channel = topic.removeprefix(self.topic).removesuffix("/triggered")
        event = str(json.loads(payload).get("event", ""))
        if channel == REFUSED_CHANNEL:
            self._refused(*event.split(" ", 2))
            return False
        with self._lock:
            if channel == DONE_CHANNEL:
                confirmation, firing_id = self._by_id.get(event), event
            else:
                expected = self._triggers.get((channel, event))
                confirmation, firing_id = expected.popleft() if expected else (None, "")
            if confirmation is not None:
                confirmation.missing.discard(firing_id)
                if not confirmation.missing:
                    confirmation.complete.set()
        return False

    @contextmanager
    def expected(self, firings: Sequence[Firing]) -> Iterator[Confirmation]:
        """Expect what a run with these events shows, until the context ends."""
        confirmation = Confirmation({firing.id for firing in firings})
        with self._lock:
            for firing in firings:
                if firing.channel:
                    key = (firing.channel, firing.payload)
                    self._triggers.setdefault(key, deque()).append((confirmation, firing.id))
                self._by_id[firing.id] = confirmation
        try:
            yield confirmation
        finally:
            self._forget(confirmation, firings)

    def _refused(self, firing_id: str, item: str = "", reason: str = "") -> None:
        with self._lock:
            confirmation = self._by_id.get(firing_id)
            if confirmation is not None:
                confirmation.refused[firing_id, item] = reason

    def _forget(self, confirmation: Confirmation, firings: Sequence[Firing]) -> None:
        with self._lock:
            for firing in firings:
                self._by_id.pop(firing.id, None)
                key = (firing.channel, firing.payload)
                rest = deque(entry for entry in self._triggers.get(key, ()) if entry[0] is not confirmation)
                if rest:
                    self._triggers[key] = rest
                else:
                    self._triggers.pop(key, None)
