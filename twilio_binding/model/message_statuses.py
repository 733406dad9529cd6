"""The final statuses of a message."""

from __future__ import annotations

ARRIVED = frozenset(("delivered", "read"))
FAILED = frozenset(("failed", "undelivered", "canceled"))
