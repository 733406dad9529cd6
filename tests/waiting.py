"""The only place where tests let time pass."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")
_never = threading.Event()


def wait_until(condition: Callable[[], _T | None], seconds: float = 10.0, what: str = "") -> _T:
    """Wait until `condition` returns something true, and return that; fail with `what` was waited for."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for {what or condition}")
        _never.wait(0.01)


def let_pass(seconds: float) -> None:
    """Let time pass, if slowness itself is tested."""
    _never.wait(seconds)
