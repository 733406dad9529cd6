"""Publishes notifications: `connection.ready.subscribe(queue.resume)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Subscribers(Generic[P]):
    """Callbacks, called in the order of their subscription, on the notifying thread."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[P, object]] = []

    def subscribe(self, callback: Callable[P, object]) -> None:
        """Call `callback` from now on."""
        self._callbacks.append(callback)

    def notify(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Notify all subscribers."""
        for callback in self._callbacks:
            callback(*args, **kwargs)
