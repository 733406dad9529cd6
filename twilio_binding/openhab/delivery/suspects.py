"""Events whose runs of the relay rule fail: the one that fails alone, again and again, is set aside, and the others go on.

A firewall in front of openHAB may refuse what stands in a text, a proxy its length. Between two runs that failed the rule is
seen to work, so the cause is the event.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from twilio_binding.openhab.delivery.relay_text import Firing

_TRIES = 5
"""So often an event is tried alone before it is set aside,"""
_SECONDS = 8.0
"""and for so long: a proxy that fails now and then must not cost an event."""


class Suspects:
    """Remembers by id which events failed. For any thread."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: Counter[str] = Counter()
        self._since: dict[str, float] = {}
        self._given_up: dict[str, str] = {}

    def runs(self, firings: Sequence[Firing], most: int) -> Iterator[list[Firing]]:
        """Cut events into runs of at most `most`; one whose run failed before goes alone, what is given up not at all."""
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
        """A run failed, although the rule was seen to work before."""
        is_alone = len(run) == 1
        now = self._clock()
        for firing in run:
            self._failures[firing.id] += int(is_alone)
            self._since.setdefault(firing.id, now)
        first = run[0].id
        if is_alone and self._failures[first] >= _TRIES and now - self._since[first] >= _SECONDS:
            self._given_up[first] = reason

    def settle(self, firings: Sequence[Firing]) -> dict[str, str]:
        """All that can be delivered was; returns the ids of those given up, and why."""
        for firing in firings:
            self._failures.pop(firing.id, None)
            self._since.pop(firing.id, None)
        ids = [firing.id for firing in firings if firing.id in self._given_up]
        return {one: self._given_up.pop(one) for one in ids}
