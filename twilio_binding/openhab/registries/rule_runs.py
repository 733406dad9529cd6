"""Which rules run in openHAB, by their statuses on the event stream: an event is over when its rules have run."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping

_LONGEST = 1.0
"""Seconds after which a rule is not waited for any more; a tenth of that after each time it was in vain."""
_SHORTEST = 0.005


class RuleRuns:
    """Counts the ends of runs. A rule that takes long, or never runs, is soon hardly waited for."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running: set[str] = set()
        self._ends: Counter[str] = Counter()
        self._misses: Counter[str] = Counter()

    def follow(self, uid: str, status: object) -> None:
        """Take over the status of a rule."""
        name = status.get("status") if isinstance(status, dict) else ""
        with self._changed:
            if name == "RUNNING":
                self._running.add(uid)
            elif uid in self._running:
                self._running.discard(uid)
                self._ends[uid] += 1
                self._changed.notify_all()

    def next_ends(self, rules: Mapping[str, int]) -> dict[str, int]:
        """How many runs of each rule will have ended when it has run so often.

        A run that goes on now is none of those.
        """
        with self._changed:
            return {uid: self._ends[uid] + more + (uid in self._running) for uid, more in rules.items()}

    def wait(self, ends: Mapping[str, int]) -> None:
        """Return when the rules have run so often, or were waited for long enough."""
        began = time.monotonic()
        with self._changed:
            for uid, number in ends.items():
                until = began + max(_SHORTEST, _LONGEST * 0.1 ** self._misses[uid])
                while self._ends[uid] < number and (left := until - time.monotonic()) > 0:
                    self._changed.wait(left)
                self._misses[uid] = 0 if self._ends[uid] >= number else self._misses[uid] + 1
