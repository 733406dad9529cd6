"""The statuses of a call, in the order in which they follow each other."""

from __future__ import annotations

FINAL = frozenset(("completed", "busy", "failed", "no-answer", "canceled"))
"""After these a call is over."""
_BEFORE_THE_END = ("", "queued", "initiated", "ringing", "in-progress")


def is_past(status: str, known: str) -> bool:
    """Whether a call that is `known` to be further can no longer be `status`; the first final status stands."""
    return _rank(status) < _rank(known) or (known in FINAL and status != known)


def _rank(status: str) -> int:
    """How far a call is. A status that Twilio may have in future counts as in progress."""
    if status in FINAL:
        return len(_BEFORE_THE_END)
    return _BEFORE_THE_END.index(status) if status in _BEFORE_THE_END else len(_BEFORE_THE_END) - 1
