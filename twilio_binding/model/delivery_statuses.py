"""The status of a text or call to a contact; late statuses change nothing."""

from __future__ import annotations

WAITING = "waiting"
"""It waits for the end of quiet hours."""
FAILED = frozenset(("failed", "undelivered", "canceled", "busy", "no-answer"))
"""It did not reach the contact."""
_ORDER = {
    WAITING: 0,
    "accepted": 1,
    "scheduled": 1,
    "queued": 2,
    "sending": 3,
    "initiated": 3,
    "ringing": 4,
    "sent": 4,
    "in-progress": 5,
    "delivered": 6,
    "completed": 6,
    "read": 7,
}
_END = 6


def is_news(status: str, known: str) -> bool:
    """Whether a status is later than the `known` one."""
    if known in FAILED:
        return status in ("delivered", "read")
    if status in FAILED:
        return _ORDER.get(known, 0) < _END
    return _ORDER.get(status, 0) > _ORDER.get(known, 0)
