"""Requests that wait for their replies."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .replies import Reply


class PendingReply:
    """One request that waits. The first reply counts."""

    def __init__(self) -> None:
        self._came = threading.Event()
        self._reply: Reply | None = None

    def give(self, reply: Reply) -> None:
        """Set the reply."""
        self._reply = self._reply or reply
        self._came.set()

    def wait(self, seconds: float) -> Reply | None:
        """The reply; None when none came in time."""
        self._came.wait(seconds)
        return self._reply


class PendingReplies:
    """The requests of one client that wait, by the id in their reply topic. For any thread."""

    def __init__(self) -> None:
        self._waiting: dict[str, PendingReply] = {}

    @contextmanager
    def expect(self, reply_id: str) -> Iterator[PendingReply]:
        """Wait for a reply within the `with` statement; one that comes later is ignored."""
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
