"""How a text or call to a contact stands; a status that comes late moves nothing back."""

from __future__ import annotations

WAITING = "waiting"
"""It goes out when quiet hours are over."""
FAILED = frozenset(("failed", "undelivered", "canceled", "busy", "no-answer"))
"""It did not reach them."""
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
    """Whether something that is `known` to be so far got further."""
    if known in FAILED:
        return status in ("delivered", "read")
    if status in FAILED:
        return _ORDER.get(known, 0) < _END
    return _ORDER.get(status, 0) > _ORDER.get(known, 0)
