"""Requests that wait for replies."""

from __future__ import annotations

import queue
from typing import Self

from .replies import Reply


class PendingReply:
    """A waiting request. The first reply counts; after the `with` statement, later ones are ignored."""

    def __init__(self, waiting: dict[str, PendingReply], reply_id: str) -> None:
        self._waiting = waiting
        self._id = reply_id
        # The interpreter's own queue, because in GraalPy an Event takes five times as long.
        self._replies: queue.SimpleQueue[Reply] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        self._waiting[self._id] = self
        return self

    def __exit__(self, *_: object) -> None:
        del self._waiting[self._id]

    def give(self, reply: Reply) -> None:
        """Set the reply."""
        self._replies.put(reply)

    def wait(self, seconds: float) -> Reply | None:
        """The reply; None if none arrived in time. Can be called once."""
        try:
            return self._replies.get(timeout=seconds)
        except queue.Empty:
            return None


class PendingReplies:
    """The waiting requests of a client, by the id in their reply topics. Thread-safe."""

    def __init__(self) -> None:
        self._waiting: dict[str, PendingReply] = {}

    def expect(self, reply_id: str) -> PendingReply:
        """Wait for a reply within a `with` statement."""
        return PendingReply(self._waiting, reply_id)

    def came(self, topic: str, payload: bytes | str) -> None:
        """Handle a message on a reply topic. Raises `ValueError` if a request waits for it and it is not a reply."""
        pending = self._waiting.get(topic.rpartition("/")[2])
        if pending is not None:
            pending.give(Reply.decode(payload))
