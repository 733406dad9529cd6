"""Subscriptions, and the broker's answers to them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from twilio_binding.clock import Backoff

Subscribe = Callable[[list[tuple[str, int]]], tuple[Any, int | None]]


class Subscriptions:
    """The subscriptions of one connection. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[int, list[str]] = {}
        self._refused: dict[str, str] = {}
        self._granted: set[str] = set()
        # Refused topics are subscribed to again, because the access list may have been corrected.
        self._backoff = Backoff(1.0, 2.0, 5.0, 10.0, 20.0)
        self._again = 0.0

    @property
    def refused(self) -> dict[str, str]:
        """The refused topics, with the broker's reasons."""
        return dict(self._refused)

    @property
    def is_answered(self) -> bool:
        """Whether the broker has answered for every topic."""
        return not self._asked

    def is_granted(self, topic: str) -> bool:
        """Whether the broker has granted a subscription on this connection."""
        return topic in self._granted

    def clear(self) -> None:
        """Handle a new connection."""
        with self._lock:
            self._asked, self._refused, self._granted = {}, {}, set()
            self._backoff.succeeded()

    def subscribe(self, topics: Iterable[str], send: Subscribe) -> None:
        """Subscribe to topics with QoS 1."""
        wanted = list(topics)
        if not wanted:
            return
        with self._lock:
            _, number = send([(topic, 1) for topic in wanted])
            if number is not None:
                self._asked[number] = wanted

    def forget(self, topics: Iterable[str]) -> None:
        """Forget topics that are no longer wanted."""
        with self._lock:
            for topic in topics:
                self._refused.pop(topic, None)
                self._granted.discard(topic)

    def answered(self, number: int, reasons: Sequence[str]) -> None:
        """Note the broker's answer: for each topic "", or why it is refused."""
        with self._lock:
            for topic, reason in zip(self._asked.pop(number, ()), reasons, strict=False):
                self._refused.pop(topic, None)
                if reason:
                    self._refused[topic] = reason
                else:
                    self._granted.add(topic)
            if self._refused:
                self._again = time.monotonic() + self._backoff.failed()
            else:
                self._backoff.succeeded()

    def repeat(self, send: Subscribe) -> None:
        """Subscribe again to refused topics, when it is time."""
        if self._refused and self.is_answered and time.monotonic() > self._again:
            self.subscribe(tuple(self._refused), send)
