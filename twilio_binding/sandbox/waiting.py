"""Waiting for what a process of the sandbox does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 15.0
Value = TypeVar("Value")
_never = threading.Event()


class SandboxError(Exception):
    """The sandbox did not start, or what should have happened in it did not."""


def until(condition: Callable[[], Value | None], what: str, seconds: float = PATIENCE) -> Value:
    """Wait until something is so, and return it; `SandboxError` when it does not come."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise SandboxError(f"waited {seconds:.0f} s in vain for {what}")
        _never.wait(0.01)
    return value
