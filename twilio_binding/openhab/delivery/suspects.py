"""Events whose runs of the relay rule fail: the one that fails alone, again and again, is set aside, and the others go on.

A firewall in front of openHAB may refuse what stands in a text, a proxy its length. Between two runs that failed the rule is
seen to work, so the cause is the event.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

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

    def given_up(self, firings: Sequence[Firing]) -> dict[str, str]:
        """The ids of those that are given up, and why."""
        return {firing.id: self._given_up[firing.id] for firing in firings if firing.id in self._given_up}

    def settle(self, ids: Iterable[str]) -> None:
        """Forget events: all of their batch that can be delivered was."""
        for one in ids:
            self._failures.pop(one, None)
            self._since.pop(one, None)
            self._given_up.pop(one, None)
