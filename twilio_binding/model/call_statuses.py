"""The statuses of a call, in their order."""

from __future__ import annotations

FINAL = frozenset(("completed", "busy", "failed", "no-answer", "canceled"))
"""The statuses that end a call."""
_BEFORE_THE_END = ("", "queued", "initiated", "ringing", "in-progress")


def is_past(status: str, known: str) -> bool:
    """Whether a call with the status `known` can no longer have `status`; the first final status stays."""
    return _rank(status) < _rank(known) or (known in FINAL and status != known)


def _rank(status: str) -> int:
    """The rank of a status. An unknown status counts as in progress."""
    if status in FINAL:
        return len(_BEFORE_THE_END)
    return _BEFORE_THE_END.index(status) if status in _BEFORE_THE_END else len(_BEFORE_THE_END) - 1
