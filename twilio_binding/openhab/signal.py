"""Something that happens, and who wants to know."""

from __future__ import annotations

from collections.abc import Callable


class Signal:
    """Calls its subscribers, in the order in which they subscribed, on the thread that sends."""

    def __init__(self) -> None:
        self._subscribers: list[Callable[[], object]] = []

    def subscribe(self, callback: Callable[[], object]) -> None:
        """Call `callback` whenever this is sent; it must not block."""
        self._subscribers.append(callback)

    def send(self) -> None:
        """Call all subscribers."""
        for callback in self._subscribers:
            callback()
