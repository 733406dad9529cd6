"""The number of connections and held calls that the limit for open files permits."""

from __future__ import annotations

import resource
from contextlib import suppress
from dataclasses import dataclass

import structlog

_log = structlog.get_logger(__name__)

_OTHERS = 200
"""Files and connections other than those of the webhooks' server: store, broker, openHAB, Twilio, pictures, pages."""
_BEYOND = 500
"""Connections besides the held ones: for messages, and for callers who get the default immediately."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """The number of connections for Twilio, and of calls that can be held on them."""

    connections: int
    held: int


def make_capacity(max_held: int) -> Capacity:
    """Raise the limit for open files as far as `max_held` needs it and the system permits it."""
    needed = max_held + _BEYOND + _OTHERS
    possible = _raise_limit(needed)
    if possible >= needed:
        return Capacity(connections=max_held + _BEYOND, held=max_held)
    connections = max(possible - _OTHERS, possible // 2)
    # A fifth stays free, so that calls that cannot be held are answered.
    held = min(max_held, connections * 4 // 5)
    advice = "raise the hard limit (LimitNOFILE in systemd, --ulimit nofile in Docker), or set webhook.max_held lower"
    _log.warning("files.limited", open_files=possible, needed=needed, max_held=held, configured=max_held, advice=advice)
    return Capacity(connections=connections, held=held)


def _raise_limit(needed: int) -> int:
    """The soft limit after raising it to `needed`, or to the hard limit; it is never lowered."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # a sandbox may forbid it
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            _log.info("files.limit_raised", open_files=wanted)
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return needed if soft == resource.RLIM_INFINITY else soft
