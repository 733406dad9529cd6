"""Limits how often a token can be tried."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

_WINDOW = 60.0
_MOST_OF_ONE, _MOST_OF_ALL = 5, 60
_REMEMBERED = 1000


class Attempts:
    """Counts failures within a minute, by address and in total; `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._all: deque[float] = deque(maxlen=_MOST_OF_ALL)
        self._by_address: OrderedDict[str, deque[float]] = OrderedDict()

    def pause(self, address: str) -> float:
        """Seconds until this address may try again; 0.0 if it may now."""
        with self._lock:
            own = self._by_address.get(address, deque(maxlen=_MOST_OF_ONE))
            return max(self._until_free(own), self._until_free(self._all))

    def failed(self, address: str) -> None:
        """Count a wrong token."""
        with self._lock:
            own = self._by_address.setdefault(address, deque(maxlen=_MOST_OF_ONE))
            self._by_address.move_to_end(address)
            for failures in (own, self._all):
                failures.append(self._clock())
            if len(self._by_address) > _REMEMBERED:
                self._by_address.popitem(last=False)

    def _until_free(self, failures: deque[float]) -> float:
        if len(failures) < (failures.maxlen or 0):
            return 0.0
        return max(0.0, failures[0] + _WINDOW - self._clock())
