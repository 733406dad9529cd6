"""What the history needs from the outside, and the values that go with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

Count = Literal["texts_in", "texts_out", "segments", "calls_in", "calls_out", "failed", "answers", "answer_ms"]
"""What is counted by the hour: `failed` are sends and deliveries of texts, `answer_ms` is the sum for all `answers`."""


class Tallies(Protocol):
    """Counts by the hour, kept durably."""

    def since(self, hour: int) -> Sequence[tuple[int, Count, int]]:
        """Hour, count and number from an hour on. Hours are counted from 1970 in local time."""
