"""The statuses of a message with which it has ended."""

from __future__ import annotations

ARRIVED = frozenset(("delivered", "read"))
FAILED = frozenset(("failed", "undelivered", "canceled"))
