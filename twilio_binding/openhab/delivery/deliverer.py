"""How events reach openHAB: through the script inside it, else through the relay rule."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.incoming.ports import Delivery
from twilio_binding.metrics import Metrics
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.delivery.http import Express
from twilio_binding.openhab.delivery.profiles import COMMANDING, applied
from twilio_binding.openhab.delivery.relay import Relay
from twilio_binding.openhab.delivery.relay_rule import Firing, ItemState
from twilio_binding.openhab.delivery.script import Door
from twilio_binding.openhab.delivery.set_aside import SetAside
from twilio_binding.openhab.registries.links import Link, Links
from twilio_binding.openhab.registries.rules import RuleListeners
from twilio_binding.openhab.rule_runs import RuleRuns
from twilio_binding.protocol.events import FINAL, BridgeEvent

_log = structlog.get_logger(__name__)

_TRIES = 3
"""How often a state is put over REST before it is set aside."""
_RUN = 10
"""Events in one run of the rule: a call waits behind the run of others, and a cold openHAB takes 50 ms for each."""
_APPLIED = 0.02
"""Seconds in which openHAB has applied a state that it accepted over REST."""


class Carrier:
    """Carries events; an id is the same on each way, so that one that was carried on both takes effect once.

    `connect` makes a connection for one thread.
    """

    def __init__(
        self,
        connect: Callable[[], Express],
        secret: str,
        links: Links,
        aside: SetAside,
        metrics: Metrics,
        *,
        door: Door,
    ) -> None:
        self._connect = connect
        self._secret = secret
        self._links = links
        self._aside = aside
        self._metrics = metrics
        self.relay = Relay(secret)
        self.door = door
        self._local = threading.local()
        self._expresses: list[Express] = []
        self.rules, self.runs = RuleListeners(), RuleRuns()
        self._put: set[tuple[str, str, str]] = set()
        self._failures: Counter[str] = Counter()

    def close(self) -> None:
        """Close the connections."""
        for express in self._expresses:
            express.close()

    def carry(self, deliveries: Sequence[Delivery], *, can_bring: bool, can_relay: bool, reason: str) -> list[Delivery]:
        """Carry events in order; returns those whose thing openHAB has, and does not run.

        Raises `DependencyDownError` with `reason` when there is no way. A state that its item does not take is set aside.
        The next event of a thing begins when the rules on the trigger of the last one have run.
        """
        waiting: list[Delivery] = []
        for wave in self._waves(deliveries):
            held = {delivery.event.thing for delivery in waiting}
            behind = [delivery for delivery in wave if delivery.event.thing in held]
            now = [delivery for delivery in wave if delivery.event.thing not in held]
            ends = self.runs.next_ends(uid for delivery in now for uid in self._rules_on(delivery))
            left = self._carry_wave(now, can_bring=can_bring, can_relay=can_relay, reason=reason) if now else []
            if not left:
                self.runs.wait(ends)
            waiting += [*left, *behind]
        return waiting

    def _waves(self, deliveries: Sequence[Delivery]) -> Iterator[list[Delivery]]:
        """Cut events so that in no part one follows another of the same thing that rules look at."""
        wave: list[Delivery] = []
        looked_at: set[str] = set()
        for delivery in deliveries:
            if delivery.event.thing in looked_at:
                yield wave
                wave, looked_at = [], set()
            wave.append(delivery)
            if self._rules_on(delivery):
                looked_at.add(delivery.event.thing)
        if wave:
            yield wave

    def _rules_on(self, delivery: Delivery) -> set[str]:
        return self.rules.of(f"{delivery.event.thing}:{delivery.event.channel}") if _fires(delivery) else set()

    def _carry_wave(
        self, deliveries: Sequence[Delivery], *, can_bring: bool, can_relay: bool, reason: str
    ) -> list[Delivery]:
        waiting: list[Delivery] = []
        if can_bring:
            deliveries, waiting = self._bring(deliveries)
        if deliveries and not can_relay:
            raise DependencyDownError(reason)
        firings = [firing for firing in map(self._firing, deliveries) if firing.states or firing.channel]
        try:
            if firings:
                (self._fire if self.relay.sets_states else self._put_and_fire)(firings)
        except DependencyDownError:
            self._metrics.refires.inc(len(firings))
            raise
        return waiting

    def has_script_for(self, seconds: float) -> bool:
        """Whether the script has been in openHAB for so long, by its own word."""
        return self.door.has_answered_for(seconds, self.express())

    def ask_script(self) -> bool:
        """Whether the script in openHAB answers."""
        return self.door.ask(self.express())

    def express(self) -> Express:
        """The connection of the calling thread; it is closed with this carrier."""
        express: Express | None = getattr(self._local, "express", None)
        if express is None:
            express = self._local.express = self._connect()
            self._expresses.append(express)
        return express

    def _bring(self, deliveries: Sequence[Delivery]) -> tuple[list[Delivery], list[Delivery]]:
        """Bring events to the script; returns those of things that it does not have, and those that have to wait.

        What is of no use any more does not wait.
        """
        answers = self.door.bring(self.express(), [self._bridge_event(delivery) for delivery in deliveries])
        for answer in answers:
            if answer.outcome not in ("done", "seen", "unknown_thing", "not_ready"):
                _log.warning("bridge.event", outcome=answer.outcome, reason=answer.text)
        answered = [*zip(deliveries, (answer.outcome for answer in answers), strict=True)]
        waiting = [delivery for delivery, outcome in answered if outcome == "not_ready" and not delivery.stale]
        others = [delivery for delivery, outcome in answered if outcome not in FINAL and outcome != "not_ready"]
        return others, waiting

    def _fire(self, firings: Sequence[Firing]) -> None:
        for start in range(0, len(firings), _RUN):
            self._fire_run(firings[start : start + _RUN])

    def _fire_run(self, firings: Sequence[Firing]) -> None:
        refused = self.relay.fire(self.express(), firings)
        for firing in firings:
            for state in firing.states:
                reason = refused.get((firing.id, state.item))
                if reason is None:
                    self._aside.taken(state.item, state.link)
                else:
                    self._aside.refused(state.item, state.link, reason)

    def _put_and_fire(self, firings: Sequence[Firing]) -> None:
        """The way of an openHAB whose rule sets no states: those of an event, then its trigger, then the next event."""
        for firing in firings:
            states = [state for state in firing.states if (firing.id, state.item, state.link) not in self._put]
            for state in states:
                self._put_state(state)
                self._put.add((firing.id, state.item, state.link))
            if states:
                time.sleep(_APPLIED)
            if firing.channel:
                self.relay.fire(
                    self.express(),
                    [Firing(id=firing.id, thing=firing.thing, channel=firing.channel, payload=firing.payload)],
                )
        done = {firing.id for firing in firings}
        self._put = {key for key in self._put if key[0] not in done}

    def _put_state(self, state: ItemState) -> None:
        try:
            self.express().put_state(state.item, state.text)
        except OpenHABRefusedError as error:
            self._aside.refused(state.item, state.link, str(error))
        except DependencyDownError as error:
            self._failures[state.item] += 1
            if self._failures[state.item] < _TRIES:
                raise
            self._aside.refused(state.item, state.link, str(error))
        else:
            self._failures.pop(state.item, None)
            self._aside.taken(state.item, state.link)

    def _firing(self, delivery: Delivery) -> Firing:
        event = delivery.event
        fires = _fires(delivery)
        return Firing(
            id=self._id(delivery),
            thing=event.thing,
            states=tuple(self._states(delivery)),
            channel=f"{event.thing}:{event.channel}" if fires else "",
            payload=event.payload if fires else "",
        )

    def _states(self, delivery: Delivery) -> Iterator[ItemState]:
        event = delivery.event
        for channel, state in event.states:
            for link in self._links.of(f"{event.thing}:{channel}"):
                yield from _item_state(link, applied(link.profile, state, link.configuration))
        if _fires(delivery):
            for link in self._links.of(f"{event.thing}:{event.channel}"):
                yield from _item_state(link, applied(link.profile, event.payload, link.configuration, to_trigger=True))

    def _bridge_event(self, delivery: Delivery) -> BridgeEvent:
        event = delivery.event
        channel, payload = (event.channel, event.payload) if _fires(delivery) else ("", "")
        return BridgeEvent(
            id=self._id(delivery), thing=event.thing, states=event.states, channel=channel, payload=payload
        )

    def _id(self, delivery: Delivery) -> str:
        return f"{self._secret[:8]}-{delivery.id}"


def _item_state(link: Link, text: str | None) -> Iterator[ItemState]:
    if text is not None:
        yield ItemState(item=link.item, link=link.channel, text=text, is_command=link.profile == COMMANDING)


def _fires(delivery: Delivery) -> bool:
    return bool(delivery.event.channel) and not delivery.stale
