"""The relay rule: a small rule inside openHAB that fires trigger channels, because REST has no call for it.

It is started over REST with a secret and one line an event. It remembers the ids of the last events, so that an
event that is sent again for want of a confirmation is fired once.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from twilio_binding.flows.ports import NeighbourAwayError
from twilio_binding.openhab.express import Express
from twilio_binding.openhab.rest import RestClient

RULE_UID = "twilio-relay"
SEEN_CHANNEL = "twilio:relay:sidecar:seen"
_CONFIRMATION = 3.0
"""Seconds after the answer within which the events must show on the event stream."""

_SCRIPT = """\
// twilio-relay 1
val String raw = input as String
val int cut = raw.indexOf("\\n")
if (cut > 0 && raw.substring(0, cut) == "%s") {
    var seen = java.lang.System.getProperties().get("twilio.relay.seen") as java.util.LinkedHashSet<String>
    if (seen === null) {
        seen = new java.util.LinkedHashSet<String>()
        java.lang.System.getProperties().put("twilio.relay.seen", seen)
    }
    val bus = org.openhab.core.model.script.ScriptServiceUtil.getEventPublisher()
    for (String line : raw.substring(cut + 1).split("\\n")) {
        val String[] part = line.split(" ", 3)
        if (part.length == 3 && part.get(1).startsWith("twilio:")) {
            if (seen.add(part.get(0))) {
                bus.post(org.openhab.core.thing.events.ThingEventFactory.createTriggerEvent(part.get(2), new org.openhab.core.thing.ChannelUID(part.get(1))))
                if (seen.size > 10000) seen.remove(seen.iterator.next)
            } else {
                bus.post(org.openhab.core.thing.events.ThingEventFactory.createTriggerEvent(part.get(0), new org.openhab.core.thing.ChannelUID("%s")))
            }
        }
    }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """One event for the relay; `id` is unique for all time, `payload` is one line."""

    id: str
    channel: str
    payload: str


@dataclass(slots=True, eq=False)
class _Ticket:
    """What one call of the rule still has to show on the event stream."""

    missing: set[str]
    confirmed: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> None:
        """Wait until all are confirmed; `NeighbourAwayError` when that does not come."""
        if not self.confirmed.wait(_CONFIRMATION):
            raise NeighbourAwayError(f"openHAB did not confirm {len(self.missing)} trigger events")


class Relay:
    """Keeps the rule in openHAB, and fires events through it, one call at a time."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._calling = threading.Lock()
        self._lock = threading.Lock()
        self._expected: dict[tuple[str, str], deque[tuple[_Ticket, str]]] = {}
        self._tickets: dict[str, _Ticket] = {}
        self._checked = threading.Event()

    def rule(self) -> dict[str, Any]:
        """The rule as openHAB is to have it."""
        script = _SCRIPT % (self._secret, SEEN_CHANNEL)
        configuration = {"type": "application/vnd.openhab.dsl.rule", "script": script}
        return {
            "uid": RULE_UID,
            "name": "Twilio relay",
            "description": "Fires the trigger channels of Twilio for openHAB. The sidecar keeps this rule up to date.",
            "tags": ["twilio"],
            "visibility": "EXPERT",
            "configuration": {},
            "triggers": [],
            "conditions": [],
            "actions": [{"id": "1", "type": "script.ScriptAction", "configuration": configuration, "inputs": {}}],
        }

    def ensure(self, client: RestClient) -> None:
        """Create or update the rule and see that it can run; raises `NeighbourAwayError` until it can."""
        self._checked.clear()
        wanted = self.rule()
        found = client.rule(RULE_UID)
        if found is None:
            client.create_rule(wanted)
            found = client.rule(RULE_UID) or {}
        elif _script(found) != _script(wanted):
            client.replace_rule(wanted)
            found = client.rule(RULE_UID) or {}
        status = found.get("status") or {}
        if status.get("statusDetail") == "DISABLED":
            raise NeighbourAwayError(f"the rule {RULE_UID} is disabled in openHAB; enable it there")
        if status.get("status") not in ("IDLE", "RUNNING"):
            raise NeighbourAwayError(f"the rule {RULE_UID} is not ready yet ({status.get('status', 'missing')})")
        self._checked.set()

    @property
    def is_ready(self) -> bool:
        """Whether the rule could run when last looked at."""
        return self._checked.is_set()

    def lose(self) -> None:
        """The connection is gone: the rule must be looked at again."""
        self._checked.clear()

    def fire(self, express: Express, firings: Sequence[Firing]) -> None:
        """Fire events in order; returns when all were seen on the event stream, else `NeighbourAwayError`.

        Then the same events may be given again: openHAB fires none twice.
        """
        if not self._checked.is_set():
            raise NeighbourAwayError(f"the rule {RULE_UID} is not ready")
        ticket = self._expect(firings)
        lines = [self._secret, *(f"{firing.id} {firing.channel} {firing.payload}" for firing in firings)]
        try:
            with self._calling:
                express.run_rule(RULE_UID, "\n".join(lines))
            ticket.wait()
        except NeighbourAwayError:
            # Whatever it was, the rule may be the cause: it is looked at before the next try.
            self._checked.clear()
            raise
        finally:
            self._forget(ticket, firings)

    def follow(self, channel: str, payload: str) -> None:
        """Take over a trigger event of the event stream."""
        event = str(json.loads(payload).get("event", ""))
        with self._lock:
            if channel == SEEN_CHANNEL:
                ticket, firing_id = self._tickets.get(event), event
            else:
                expected = self._expected.get((channel, event))
                ticket, firing_id = expected.popleft() if expected else (None, "")
            if ticket is None:
                return
            ticket.missing.discard(firing_id)
            if not ticket.missing:
                ticket.confirmed.set()

    def _expect(self, firings: Sequence[Firing]) -> _Ticket:
        ticket = _Ticket({firing.id for firing in firings})
        with self._lock:
            for firing in firings:
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


def _script(rule: dict[str, Any]) -> object:
    actions = rule.get("actions") or [{}]
    return (actions[0].get("configuration") or {}).get("script")
