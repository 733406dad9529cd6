"""Requests that wait for replies."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .replies import Reply


class PendingReply:
    """A waiting request. The first reply counts."""

    def __init__(self) -> None:
        self._came = threading.Event()
        self._reply: Reply | None = None

    def give(self, reply: Reply) -> None:
        """Set the reply."""
        self._reply = self._reply or reply
        self._came.set()

    def wait(self, seconds: float) -> Reply | None:
        """The reply; None if none arrived in time."""
        self._came.wait(seconds)
        return self._reply


class PendingReplies:
    """The waiting requests of a client, by the id in their reply topics. Thread-safe."""

    def __init__(self) -> None:
        self._waiting: dict[str, PendingReply] = {}

    @contextmanager
    def expect(self, reply_id: str) -> Iterator[PendingReply]:
        """Wait for a reply within the `with` statement; later replies are ignored."""
        pending = self._waiting[reply_id] = PendingReply()
        try:
            yield pending
        finally:
            del self._waiting[reply_id]

    def came(self, topic: str, payload: bytes | str) -> None:
        """Handle a message on a reply topic. Raises `ValueError` if a request waits for it and it is not a reply."""
        pending = self._waiting.get(topic.rpartition("/")[2])
        if pending is not None:
            pending.give(Reply.decode(payload))
