"""Waiting for conditions in the sandbox."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 60.0
Value = TypeVar("Value")
_never = threading.Event()


class SandboxError(Exception):
    """The sandbox did not start, or an expected effect did not occur."""


def until(condition: Callable[[], Value | None], what: str, seconds: float = PATIENCE, *, pause: float = 0.01) -> Value:
    """Wait until `condition` returns something true, and return it. Raises `SandboxError` after `seconds`.

    `pause` is the time between two looks, in seconds.
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise SandboxError(f"waited {seconds:.0f} s in vain for {what}")
        _never.wait(pause)
    return value
