"""Keeps the relay rule in openHAB, and delivers events through it.

The rule sets the items' states and fires the triggers: REST has no call for a trigger, and none that returns when an item
has its state. How long a confirmation may take is set here; the rule's own pause is in `relay_text`, and how long the next
event waits for rules in `registries.rules`.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.delivery.relay_text import DONE_CHANNEL, REFUSED_CHANNEL, Firing, rule, run_text, script_of
from twilio_binding.openhab.registries.rules import RULE_UID
from twilio_binding.openhab.rest import RestClient
from twilio_binding.subscribers import Subscribers

_log = structlog.get_logger(__name__)

_PROBES = 3
"""Number of unanswered probes in a row after which openHAB is assumed not to understand the rule."""
_LONGEST = 3.0
"""Seconds after openHAB's answer within which the confirmations must arrive on the event stream."""
_UNANSWERED = 0.3
"""The same if no answer came, because openHAB may have run the rule anyway."""

Refused = dict[tuple[str, str], str]
"""Why an item did not accept its state, by event id and item."""


@dataclass(slots=True, eq=False)
class Confirmation:
    """The confirmations that a run of the rule still owes, and its reports about items."""

    missing: set[str]
    refused: Refused = field(default_factory=dict)
    complete: threading.Event = field(default_factory=threading.Event)

    def came_unanswered(self) -> bool:
        """Whether everything is confirmed soon, although the request for the run failed."""
        return self.complete.wait(_UNANSWERED)

    def wait(self) -> None:
        """Wait until everything is confirmed; raises `DependencyDownError` after a timeout."""
        if not self.complete.wait(_LONGEST):
            raise DependencyDownError(
                f"openHAB did not confirm all events that were given to the rule {RULE_UID} ({len(self.missing)} missing)"
            )


class Confirmations:
    """Follows the trigger channels of the service's things on the event stream."""

    topic = "openhab/channels/"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._triggers: dict[tuple[str, str], deque[tuple[Confirmation, str]]] = {}
        self._by_id: dict[str, Confirmation] = {}

    def follow(self, topic: str, payload: str) -> bool:
        """Handle a trigger event; it changes no registry."""
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
        """Expect the confirmations of a run with these events, until the context ends."""
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


class RelayRule:
    """Runs the rule, one run at a time. `doubted` gets the reason of a failed run, after which the rule must be checked again."""

    def __init__(self, rest: RestClient, secret: str) -> None:
        self._rest = rest
        self._secret = secret
        self.confirmations = Confirmations()
        self.doubted: Subscribers[[str]] = Subscribers()
        self._running = threading.Lock()
        self.is_ready = False
        """Whether the rule could run at the last check."""
        self._misses = 0
        self._is_proved = False
        self.sets_states = True
        """Whether the rule sets items; if not, their states are set over REST."""

    def ensure(self) -> None:
        """Create or update the rule and check that it runs; raises `DependencyDownError` until it does."""
        self.is_ready = False
        status = self._stored().get("status") or {}
        if status.get("statusDetail") == "DISABLED":
            raise DependencyDownError(f"the rule {RULE_UID} is disabled in openHAB; enable it there")
        if status.get("status") not in ("IDLE", "RUNNING"):
            raise DependencyDownError(f"the rule {RULE_UID} is not ready yet ({status.get('status', 'missing')})")
        self.probe()
        self.is_ready = True

    def _stored(self) -> dict[str, Any]:
        """The rule in openHAB, after it was created or updated."""
        wanted = rule(self._secret, sets_states=self.sets_states)
        found = self._rest.rule(RULE_UID)
        if found is not None and script_of(found) == script_of(wanted):
            return found
        if found is None:
            self._rest.create_rule(wanted)
        else:
            self._rest.replace_rule(wanted)
        return self._rest.rule(RULE_UID) or {}

    def lose(self) -> None:
        """Check the rule again after a lost connection: it may be another openHAB."""
        self.is_ready = False
        self._misses, self._is_proved, self.sets_states = 0, False, True

    def fire(self, firings: Sequence[Firing]) -> Refused:
        """Deliver events in order; returns when all are confirmed, otherwise raises `DependencyDownError`.

        After that, the same events can be delivered again: each takes effect once. Returns why items did not accept
        their states.
        """
        if not self.is_ready:
            raise DependencyDownError(f"the rule {RULE_UID} is not ready")
        try:
            return self._run(firings)
        except DependencyDownError as error:
            # The rule may be the cause, so it is checked before the next try.
            self.is_ready = False
            self.doubted.notify(str(error))
            raise

    def probe(self) -> None:
        """Run the rule with an event that does nothing, to prove that it works and that its confirmation arrives."""
        try:
            self._run([Firing(id=f"{self._secret[:8]}-probe", thing="")])
        except DependencyDownError:
            self._misses += 1
            if self._misses >= _PROBES and not self._is_proved:
                self._misses, self.sets_states = 0, not self.sets_states
                _log.warning("openhab.relay_silent", sets_states=self.sets_states)
            raise
        self._misses, self._is_proved = 0, True

    def _run(self, firings: Sequence[Firing]) -> Refused:
        with self.confirmations.expected(firings) as confirmation:
            try:
                with self._running:
                    self._rest.run_rule(RULE_UID, run_text(self._secret, firings))
            except (DependencyDownError, OpenHABRefusedError) as error:
                # A proxy may refuse in words like openHAB's; openHAB itself refuses no run.
                if not confirmation.came_unanswered():
                    raise DependencyDownError(str(error)) from None
            time.sleep(0)  # a thread that waits for the rule with a call can go on now, and has the next run
            confirmation.wait()
        return confirmation.refused
