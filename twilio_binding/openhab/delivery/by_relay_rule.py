"""Delivers events through the relay rule."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from twilio_binding.errors import DependencyDownError
from twilio_binding.metrics import Metrics
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.delivery.relay_rule import RelayRule
from twilio_binding.openhab.delivery.relay_text import Firing, ItemState
from twilio_binding.openhab.delivery.set_aside import SetAside
from twilio_binding.openhab.rest import RestClient

_RUN = 10
"""Maximum number of events in a run of the rule: a call waits for the current run, and a cold openHAB takes 50 ms an event."""
_APPLIED = 0.02
"""Seconds in which openHAB has applied a state that it accepted over REST."""
_TRIES = 5
"""Number of tries of an event alone before it is set aside,"""
_SECONDS = 8.0
"""and minimum seconds of trying: an event must survive a proxy that fails now and then."""
_PUTS = 3
"""Number of tries to set a state before it is set aside."""


class Suspects:
    """Finds events that make runs of the relay rule fail: an event that keeps failing alone is set aside; the others continue.

    A firewall in front of openHAB may refuse the content of a text, and a proxy its length. Between two failed
    runs the rule has proved to work, so the event is the cause. Thread-safe.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: Counter[str] = Counter()
        self._since: dict[str, float] = {}
        self._given_up: dict[str, str] = {}

    def runs(self, firings: Sequence[Firing], most: int) -> Iterator[list[Firing]]:
        """Split events into runs of at most `most`; an event whose run failed before runs alone, and an event that is given up not at all."""
        run: list[Firing] = []
        for firing in firings:
            is_suspect = firing.id in self._failures
            if run and (is_suspect or len(run) == most):
                yield run
                run = []
            if is_suspect and firing.id not in self._given_up:
                yield [firing]
            elif not is_suspect:
                run.append(firing)
        if run:
            yield run

    def failed(self, run: Sequence[Firing], reason: str) -> None:
        """Note a failed run of a rule that worked before."""
        is_alone = len(run) == 1
        now = self._clock()
        for firing in run:
            self._failures[firing.id] += int(is_alone)
            self._since.setdefault(firing.id, now)
        first = run[0].id
        if is_alone and self._failures[first] >= _TRIES and now - self._since[first] >= _SECONDS:
            self._given_up[first] = reason

    def given_up(self, firings: Sequence[Firing]) -> dict[str, str]:
        """The ids of events that are given up, and why."""
        return {firing.id: self._given_up[firing.id] for firing in firings if firing.id in self._given_up}

    def settle(self, ids: Iterable[str]) -> None:
        """Forget events: everything in their batch that can be delivered was delivered."""
        for one in ids:
            self._failures.pop(one, None)
            self._since.pop(one, None)
            self._given_up.pop(one, None)


class StateWriter:
    """Sets states of items over REST, if the relay rule cannot. Each state is set once, even if its event is delivered again."""

    def __init__(self, rest: RestClient, aside: SetAside) -> None:
        self._rest = rest
        self._aside = aside
        self._put: set[tuple[str, str, str]] = set()
        self._failures: Counter[str] = Counter()

    def write(self, firing: Firing) -> bool:
        """Set the states of an event; returns whether there were any. Raises `DependencyDownError` if it must be tried again."""
        states = [state for state in firing.states if (firing.id, state.item, state.link) not in self._put]
        for state in states:
            self._write(state)
            self._put.add((firing.id, state.item, state.link))
        return bool(states)

    def forget(self, firings: Sequence[Firing]) -> None:
        """Forget delivered events."""
        done = {firing.id for firing in firings}
        self._put = {key for key in self._put if key[0] not in done}

    def _write(self, state: ItemState) -> None:
        try:
            self._rest.put_state(state.item, state.text)
        except OpenHABRefusedError as error:
            self._aside.refused(state.item, state.link, str(error))
        except DependencyDownError as error:
            self._failures[state.item] += 1
            if self._failures[state.item] < _PUTS:
                raise
            self._aside.refused(state.item, state.link, str(error))
        else:
            self._failures.pop(state.item, None)
            self._aside.taken(state.item, state.link)


class RelayRuleDelivery:
    """Runs the rule with events, and sets items aside that do not accept their states."""

    def __init__(self, rule: RelayRule, states: StateWriter, aside: SetAside, metrics: Metrics) -> None:
        self._rule = rule
        self._states = states
        self._aside = aside
        self._refires = metrics.refires
        self._suspects = Suspects()

    def deliver(self, firings: Sequence[Firing]) -> dict[str, str]:
        """Deliver events in order. Raises `DependencyDownError` if all must be delivered again.

        Returns the ids of events that are set aside, and why.
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
        """Forget the events of a finished batch."""
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
        """Deliver with a rule that sets no states: the states of an event over REST, then its trigger, then the next event."""
        for firing in firings:
            if self._states.write(firing):
                time.sleep(_APPLIED)
            if firing.channel:
                self._rule.fire([replace(firing, states=())])
