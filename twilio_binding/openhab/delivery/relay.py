"""Keeps the relay rule in openHAB, and brings events through it.

The rule sets the items' states and fires the triggers, because REST has no call for a trigger and none that returns when
an item has its state.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.delivery.http import Express
from twilio_binding.openhab.delivery.relay_rule import (
    DONE_CHANNEL,
    REFUSED_CHANNEL,
    RULE_UID,
    Firing,
    rule,
    run_text,
    script_of,
)
from twilio_binding.openhab.rest import RestClient

_log = structlog.get_logger(__name__)

_CONFIRMATION = 3.0
"""Seconds after the answer within which the events must show on the event stream."""
_PROBES = 3
"""How often in a row the rule may not answer before openHAB is taken to not understand it."""


@dataclass(slots=True, eq=False)
class _Ticket:
    """What one run of the rule still has to show on the event stream, and what it said of items."""

    missing: set[str]
    refused: dict[tuple[str, str], str] = field(default_factory=dict)
    confirmed: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> None:
        """Wait until all are confirmed; `DependencyDownError` when that does not come."""
        if not self.confirmed.wait(_CONFIRMATION):
            raise DependencyDownError(
                f"openHAB did not confirm {len(self.missing)} events that were given to the rule {RULE_UID}"
            )


class Relay:
    """Runs the rule, one run at a time."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._running = threading.Lock()
        self._lock = threading.Lock()
        self._expected: dict[tuple[str, str], deque[tuple[_Ticket, str]]] = {}
        self._tickets: dict[str, _Ticket] = {}
        self._checked = threading.Event()
        self._misses = 0
        self._is_proved = False
        self.sets_states = True
        """Whether the rule sets items; if not, their states are put over REST."""

    def ensure(self, client: RestClient, express: Express) -> None:
        """Create or update the rule and see that it runs; raises `DependencyDownError` until it does."""
        self._checked.clear()
        wanted = rule(self._secret, sets_states=self.sets_states)
        found = client.rule(RULE_UID)
        if found is None:
            client.create_rule(wanted)
            found = client.rule(RULE_UID) or {}
        elif script_of(found) != script_of(wanted):
            client.replace_rule(wanted)
            found = client.rule(RULE_UID) or {}
        status = found.get("status") or {}
        if status.get("statusDetail") == "DISABLED":
            raise DependencyDownError(f"the rule {RULE_UID} is disabled in openHAB; enable it there")
        if status.get("status") not in ("IDLE", "RUNNING"):
            raise DependencyDownError(f"the rule {RULE_UID} is not ready yet ({status.get('status', 'missing')})")
        self._probe(express)
        self._checked.set()

    @property
    def is_ready(self) -> bool:
        """Whether the rule could run when last looked at."""
        return self._checked.is_set()

    def lose(self) -> None:
        """The connection is gone: another openHAB may be there next, and the rule must be looked at again."""
        self._checked.clear()
        self._misses, self._is_proved, self.sets_states = 0, False, True

    def fire(self, express: Express, firings: Sequence[Firing]) -> dict[tuple[str, str], str]:
        """Bring events in order; returns when all are confirmed, else raises `DependencyDownError`.

        Then the same events may be given again: each takes effect once. Returns why items did not take their state,
        by event id and item.
        """
        if not self._checked.is_set():
            raise DependencyDownError(f"the rule {RULE_UID} is not ready")
        try:
            return self._run(express, firings)
        except DependencyDownError:
            # Whatever it was, the rule may be the cause: it is looked at before the next try.
            self._checked.clear()
            raise

    def follow(self, channel: str, payload: str) -> None:
        """Take over a trigger event of the event stream."""
        event = str(json.loads(payload).get("event", ""))
        if channel == REFUSED_CHANNEL:
            self._refused(*event.split(" ", 2))
            return
        with self._lock:
            if channel == DONE_CHANNEL:
                ticket, firing_id = self._tickets.get(event), event
            else:
                expected = self._expected.get((channel, event))
                ticket, firing_id = expected.popleft() if expected else (None, "")
            if ticket is None:
                return
            ticket.missing.discard(firing_id)
            if not ticket.missing:
                ticket.confirmed.set()

    def _refused(self, firing_id: str, item: str = "", reason: str = "") -> None:
        with self._lock:
            ticket = self._tickets.get(firing_id)
            if ticket is not None:
                ticket.refused[firing_id, item] = reason

    def _probe(self, express: Express) -> None:
        """Run the rule with an event that does nothing: only what it confirms has been understood and is heard."""
        try:
            self._run(express, [Firing(id=f"{self._secret[:8]}-probe", thing="")])
        except DependencyDownError:
            self._misses += 1
            if self._misses >= _PROBES and not self._is_proved:
                self._misses, self.sets_states = 0, not self.sets_states
                _log.warning("openhab.relay_silent", sets_states=self.sets_states)
            raise
        self._misses, self._is_proved = 0, True

    def _run(self, express: Express, firings: Sequence[Firing]) -> dict[tuple[str, str], str]:
        ticket = self._expect(firings)
        try:
            with self._running:
                express.run_rule(RULE_UID, run_text(self._secret, firings))
            ticket.wait()
        finally:
            self._forget(ticket, firings)
        return ticket.refused

    def _expect(self, firings: Sequence[Firing]) -> _Ticket:
        ticket = _Ticket({firing.id for firing in firings})
        with self._lock:
            for firing in firings:
                if firing.channel:
                    self._expected.setdefault((firing.channel, firing.payload), deque()).append((ticket, firing.id))
                self._tickets[firing.id] = ticket
        return ticket

    def _forget(self, ticket: _Ticket, firings: Sequence[Firing]) -> None:
        with self._lock:
            for firing in firings:
                self._tickets.pop(firing.id, None)
                key = (firing.channel, firing.payload)
                rest = deque(entry for entry in self._expected.get(key, ()) if entry[0] is not ticket)
                if rest:
                    self._expected[key] = rest
                else:
                    self._expected.pop(key, None)
