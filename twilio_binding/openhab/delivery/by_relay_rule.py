"""Delivers events through the relay rule."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from twilio_binding.errors import DependencyDownError
from twilio_binding.metrics import Metrics
from twilio_binding.openhab.delivery.relay_rule import RelayRule
from twilio_binding.openhab.delivery.relay_text import Firing
from twilio_binding.openhab.delivery.set_aside import SetAside
from twilio_binding.openhab.delivery.states import StateWriter
from twilio_binding.openhab.delivery.suspects import Suspects

_RUN = 10
"""Events in one run of the rule: a call waits behind the run of others, and a cold openHAB takes 50 ms for each."""
_APPLIED = 0.02
"""Seconds in which openHAB has applied a state that it accepted over REST."""


class RelayRuleDelivery:
    """Runs the rule with events, and sets items aside that do not take their state."""

    def __init__(self, rule: RelayRule, states: StateWriter, aside: SetAside, metrics: Metrics) -> None:
        self._rule = rule
        self._states = states
        self._aside = aside
        self._refires = metrics.refires
        self._suspects = Suspects()

    def deliver(self, firings: Sequence[Firing]) -> dict[str, str]:
        """Deliver events in order. Raises `DependencyDownError` when all must be delivered again.

        Returns the ids of those that are set aside, and why.
        """
        firings = [firing for firing in firings if firing.states or firing.channel]
        try:
            for run in self._suspects.runs(firings, _RUN if self._rule.sets_states else 1):
                self._deliver_run(run)
        except DependencyDownError:
            self._refires.inc(len(firings))
            raise
        self._states.forget(firings)
        return self._suspects.given_up(firings)

    def settle(self, ids: Sequence[str]) -> None:
        """A batch is over: what was remembered of its events is needed no more."""
        self._suspects.settle(ids)

    def _deliver_run(self, run: Sequence[Firing]) -> None:
        was_ready = self._rule.is_ready
        try:
            (self._fire if self._rule.sets_states else self._put_and_fire)(run)
        except DependencyDownError as error:
            if was_ready and not self._rule.is_ready:
                self._suspects.failed(run, str(error))
            raise

    def _fire(self, firings: Sequence[Firing]) -> None:
        refused = self._rule.fire(firings)
        for firing in firings:
            for state in firing.states:
                reason = refused.get((firing.id, state.item))
                if reason is None:
                    self._aside.taken(state.item, state.link)
                else:
                    self._aside.refused(state.item, state.link, reason)

    def _put_and_fire(self, firings: Sequence[Firing]) -> None:
        """The way of a rule that sets no states: those of an event over REST, then its trigger, then the next event."""
        for firing in firings:
            if self._states.write(firing):
                time.sleep(_APPLIED)
            if firing.channel:
                self._rule.fire([replace(firing, states=())])
