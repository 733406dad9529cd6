"""The ids of alarm sends, which name run and attempt."""

from __future__ import annotations

PREFIX = "alarm."
"""Prefix of the ids of all sends of an alarm; the id of the attempt follows."""
NOTICE = f"{PREFIX}n."
"""Prefix of the ids of sends that are never withdrawn: acknowledgements and the all-clear."""


def attempt_of(request_id: str) -> tuple[str, str] | None:
    """The run and the attempt of a send; None for other sends."""
    if not request_id.startswith(PREFIX) or request_id.startswith(NOTICE):
        return None
    attempt = request_id.removeprefix(PREFIX)
    return attempt.partition(".")[0], attempt
