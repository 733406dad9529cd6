"""Delivers events to openHAB: through the script inside it, otherwise through the relay rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.incoming.ports import Delivery, ThingsNotReadyError
from twilio_binding.openhab.delivery.by_relay_rule import RelayRuleDelivery
from twilio_binding.openhab.delivery.relay_text import SHORT_PAUSE, Firing, ItemState
from twilio_binding.openhab.delivery.script import ScriptClient
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.openhab.registries.links import COMMANDING, ItemLinks
from twilio_binding.openhab.registries.rules import RuleListeners
from twilio_binding.openhab.status import ConnectionStatus
from twilio_binding.protocol.events import FINAL, BridgeEvent, Outcome

_log = structlog.get_logger(__name__)


class EventEncoder:
    """Encodes events for openHAB: states by channel for the script, states by linked item for the relay rule.

    An id is the same on both ways, so that an event that goes both ways takes effect once.
    """

    def __init__(self, links: ItemLinks, secret: str) -> None:
        self._links = links
        self._prefix = secret[:8]

    def for_script(self, delivery: Delivery) -> BridgeEvent:
        """The event for the script."""
        event, channel = delivery.event, _fired(delivery)
        return BridgeEvent(
            id=self.id_of(delivery),
            thing=event.thing,
            states=event.states,
            channel=channel,
            payload=event.payload if channel else "",
        )

    def for_relay_rule(self, delivery: Delivery) -> Firing:
        """The event for the relay rule, after applying the profiles of the links."""
        event, channel = delivery.event, _fired(delivery)
        given = self._links.given(event.thing, event.states, channel=channel, payload=event.payload)
        return Firing(
            id=self.id_of(delivery),
            thing=event.thing,
            states=tuple(
                ItemState(item=link.item, link=link.channel, text=text, is_command=link.profile == COMMANDING)
                for link, text in given
            ),
            channel=channel and f"{event.thing}:{channel}",
            payload=event.payload if channel else "",
        )

    def id_of(self, delivery: Delivery) -> str:
        """The id of an event, the same for the script and the relay rule."""
        return f"{self._prefix}-{delivery.id}"


def _fired(delivery: Delivery) -> str:
    """The trigger channel of the event, "" for none; a late event only sets states."""
    return "" if delivery.stale else delivery.event.channel


class WaitingThings:
    """Things whose events wait. Each is logged once, until its events are delivered."""

    def __init__(self) -> None:
        self._things: set[str] = set()

    @property
    def reason(self) -> str:
        """The reason why events wait; "" for none."""
        return "; ".join(f"{thing} is not ready in openHAB; its events are waiting" for thing in sorted(self._things))

    def note(self, tried: Sequence[Delivery], left: Sequence[Delivery]) -> None:
        """Note which of the events have to wait."""
        waiting = {delivery.event.thing for delivery in left}
        for thing in waiting - self._things:
            _log.warning("openhab.thing_not_ready", thing=thing)
        self._things = self._things - {delivery.event.thing for delivery in tried} | waiting


class Deliverer:
    """Delivers events in order. The next event of a thing begins when the rules on the last trigger have run."""

    def __init__(
        self,
        status: ConnectionStatus,
        *,
        encoder: EventEncoder,
        rules: RuleListeners,
        script: ScriptClient,
        requests: OpenHABRequests,
        relay_rule: RelayRuleDelivery,
    ) -> None:
        self._status = status
        self._encoder = encoder
        self._rules = rules
        self._script, self._requests = script, requests
        self._relay_rule = relay_rule
        self.waiting = WaitingThings()

    def deliver(self, deliveries: Sequence[Delivery]) -> dict[int, str]:
        """Deliver events. States that their items do not accept are set aside.

        Returns the ids of events that can never be delivered, with reasons. Raises `DependencyDownError` if there is no
        way: then all must be delivered again; and `ThingsNotReadyError` if some must, because openHAB does not run
        their things yet.
        """
        has_relay_rule, has_script = self._status.has_relay_rule, self._status.has_script
        if not has_script and self._script.is_expected_back:
            raise DependencyDownError("openHAB is reloading the script")
        waiting: list[Delivery] = []
        refused: dict[int, str] = {}
        for wave, rules_on in self._waves(deliveries):
            held = {delivery.event.thing for delivery in waiting}
            behind = [delivery for delivery in wave if delivery.event.thing in held]
            now = [delivery for delivery in wave if delivery.event.thing not in held]
            rules = Counter(uid for delivery in now for uid in rules_on[delivery.id])
            ends = self._rules.runs.next_ends(rules) if rules else {}
            left, never = self._deliver_wave(now, has_script=has_script, has_relay_rule=has_relay_rule)
            refused |= never
            not_fired = [delivery for delivery in now if delivery in left or delivery.id in never]
            skipped = Counter(uid for delivery in not_fired for uid in rules_on[delivery.id])
            if ends:
                self._rules.runs.wait(_without(ends, rules, skipped))
            waiting += [*left, *behind]
        self._relay_rule.settle([self._encoder.id_of(delivery) for delivery in deliveries])
        self.waiting.note(deliveries, waiting)
        if waiting:
            raise ThingsNotReadyError(waiting, refused)
        return refused

    def _waves(self, deliveries: Sequence[Delivery]) -> list[tuple[list[Delivery], dict[int, frozenset[str]]]]:
        """Split events into parts, so that in each part rules react only to the last event of a thing.

        The events of a thing stay in order; those of others go ahead of an event that has to wait. With each part come the
        rules on the triggers of its events, by their ids.
        """
        waves: list[tuple[list[Delivery], dict[int, frozenset[str]]]] = []
        looked_at: Counter[str] = Counter()
        for delivery in deliveries:
            thing, channel = delivery.event.thing, _fired(delivery)
            if looked_at[thing] == len(waves):
                waves.append(([], {}))
            wave, rules_on = waves[looked_at[thing]]
            wave.append(delivery)
            rules_on[delivery.id] = self._rules.on[f"{thing}:{channel}"] if channel else frozenset()
            looked_at[thing] += bool(rules_on[delivery.id])
        return waves

    def _deliver_wave(
        self, deliveries: Sequence[Delivery], *, has_script: bool, has_relay_rule: bool
    ) -> tuple[list[Delivery], dict[int, str]]:
        waiting: list[Delivery] = []
        if not deliveries:
            return waiting, {}
        if has_script:
            deliveries, waiting = self._to_script(deliveries)
        if deliveries and not has_relay_rule:
            raise DependencyDownError(self._status.reason)
        firings = [self._firing(delivery) for delivery in deliveries]
        refused = self._relay_rule.deliver(firings)
        by_id = zip(deliveries, firings, strict=True)
        return waiting, {delivery.id: refused[firing.id] for delivery, firing in by_id if firing.id in refused}

    def _firing(self, delivery: Delivery) -> Firing:
        firing, on = self._encoder.for_relay_rule(delivery), self._rules.on
        if on.look_at([state.item for state in firing.states]):
            return firing
        return replace(firing, pause=0 if firing.channel and on[firing.channel] else SHORT_PAUSE)

    def _to_script(self, deliveries: Sequence[Delivery]) -> tuple[list[Delivery], list[Delivery]]:
        """Deliver events to the script; returns those that it cannot deliver, and those that have to wait.

        Outdated events do not wait.
        """
        answers = self._script.deliver(self._requests, [self._encoder.for_script(delivery) for delivery in deliveries])
        for answer in answers:
            if answer.outcome not in ("done", "seen", "unknown_thing", "not_ready"):
                _log.warning("bridge.event", outcome=answer.outcome, reason=answer.text)
        answered = [*zip(deliveries, (answer.outcome for answer in answers), strict=True)]
        waiting = [delivery for delivery, outcome in answered if outcome == "not_ready" and not delivery.stale]
        return _not_overtaken(answered), waiting


def _not_overtaken(answered: Sequence[tuple[Delivery, Outcome]]) -> list[Delivery]:
    """The events that the script did not deliver, without states that have newer values: an item never goes back to an older state."""
    left: list[Delivery] = []
    newer: set[tuple[str, str]] = set()
    for delivery, outcome in reversed(answered):
        event = delivery.event
        if outcome in FINAL:
            newer |= {(event.thing, channel) for channel, _ in event.states}
        elif outcome != "not_ready":
            states = tuple(state for state in event.states if (event.thing, state[0]) not in newer)
            left.append(replace(delivery, event=replace(event, states=states)))
    return left[::-1]


def _without(ends: Mapping[str, int], rules: Counter[str], skipped: Counter[str]) -> dict[str, int]:
    """The rule runs to wait for, without events that did not fire."""
    return {uid: number - skipped[uid] for uid, number in ends.items() if rules[uid] > skipped[uid]}
