"""How far openHAB is after a start."""

from __future__ import annotations

from collections.abc import Callable

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.rest import RestClient

_RULE_ENGINE = 50
"""The start level from which rules with triggers run."""
_LONG_START = 300
"""Seconds after which a start level that does not rise is no longer waited for."""


def uptime(client: RestClient, on_starting: Callable[[], None]) -> int | None:
    """How long openHAB has run, in seconds; None when it does not say.

    Raises `DependencyDownError` until its rules listen, after a call of `on_starting`: the relay rule can run seconds
    before they do.
    """
    system = client.system()
    level, seconds = system.get("startLevel"), system.get("uptime")
    seconds = seconds if isinstance(seconds, int) else None
    if isinstance(level, int) and level < _RULE_ENGINE and not (seconds is not None and seconds > _LONG_START):
        on_starting()
        raise DependencyDownError(f"openHAB is starting (start level {level})")
    return seconds
