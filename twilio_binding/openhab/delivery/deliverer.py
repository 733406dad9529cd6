"""Delivers events to openHAB: through the script inside it, else through the relay rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.incoming.ports import Delivery
from twilio_binding.openhab.delivery.by_relay_rule import RelayRuleDelivery
from twilio_binding.openhab.delivery.encoder import EventEncoder, trigger
from twilio_binding.openhab.delivery.script import ScriptClient
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.openhab.registries.rules import RuleListeners
from twilio_binding.openhab.status import ConnectionStatus
from twilio_binding.protocol.events import FINAL, Outcome

_log = structlog.get_logger(__name__)


class Deliverer:
    """Delivers events in order; the next event of a thing begins when the rules on the trigger of the last one have run."""

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

    def deliver(self, deliveries: Sequence[Delivery]) -> tuple[list[Delivery], dict[int, str]]:
        """Deliver events. A state that its item does not take is set aside.

        Returns the events that have to wait, because openHAB does not run their thing yet, and the ids of those that can
        never be delivered, with the reason. Raises `DependencyDownError` when there is no way: then all must be delivered
        again.
        """
        has_script, has_relay_rule = self._status.has_script, self._status.has_relay_rule
        waiting: list[Delivery] = []
        refused: dict[int, str] = {}
        for wave in self._waves(deliveries):
            held = {delivery.event.thing for delivery in waiting}
            behind = [delivery for delivery in wave if delivery.event.thing in held]
            now = [delivery for delivery in wave if delivery.event.thing not in held]
            rules = self._rules_of(now)
            ends = self._rules.runs.next_ends(rules)
            left, never = self._deliver_wave(now, has_script=has_script, has_relay_rule=has_relay_rule)
            refused |= never
            not_fired = [delivery for delivery in now if delivery in left or delivery.id in never]
            self._rules.runs.wait(_without(ends, rules, self._rules_of(not_fired)))
            waiting += [*left, *behind]
        self._relay_rule.settle([self._encoder.id_of(delivery) for delivery in deliveries])
        return waiting, refused

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

    def _rules_of(self, deliveries: Iterable[Delivery]) -> Counter[str]:
        return Counter(uid for delivery in deliveries for uid in self._rules_on(delivery))

    def _rules_on(self, delivery: Delivery) -> set[str]:
        channel = trigger(delivery)
        return self._rules.of(channel) if channel else set()

    def _deliver_wave(
        self, deliveries: Sequence[Delivery], *, has_script: bool, has_relay_rule: bool
    ) -> tuple[list[Delivery], dict[int, str]]:
        waiting: list[Delivery] = []
        if not deliveries:
            return waiting, {}
        if has_script:
            deliveries, waiting = self._to_script(deliveries)
        elif self._script.is_expected_back:
            raise DependencyDownError("openHAB loads the script inside it anew")
        if deliveries and not has_relay_rule:
            raise DependencyDownError(self._status.reason)
        firings = [self._encoder.for_relay_rule(delivery) for delivery in deliveries]
        refused = self._relay_rule.deliver(firings)
        by_id = zip(deliveries, firings, strict=True)
        return waiting, {delivery.id: refused[firing.id] for delivery, firing in by_id if firing.id in refused}

    def _to_script(self, deliveries: Sequence[Delivery]) -> tuple[list[Delivery], list[Delivery]]:
        """Deliver events to the script; returns those that it cannot deliver, and those that have to wait.

        What is of no use any more does not wait.
        """
        answers = self._script.deliver(self._requests, [self._encoder.for_script(delivery) for delivery in deliveries])
        for answer in answers:
            if answer.outcome not in ("done", "seen", "unknown_thing", "not_ready"):
                _log.warning("bridge.event", outcome=answer.outcome, reason=answer.text)
        answered = [*zip(deliveries, (answer.outcome for answer in answers), strict=True)]
        waiting = [delivery for delivery, outcome in answered if outcome == "not_ready" and not delivery.stale]
        return _not_overtaken(answered), waiting


def _not_overtaken(answered: Sequence[tuple[Delivery, Outcome]]) -> list[Delivery]:
    """What the script did not do, without the states that it has set since: an item never goes back to an earlier one."""
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
    """What is to be waited for, without the runs of events that did not fire."""
    return {uid: number - skipped[uid] for uid, number in ends.items() if rules[uid] > skipped[uid]}
