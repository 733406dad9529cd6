"""The only place where tests let time pass."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")
_never = threading.Event()
_LEAST, _MOST = 2.0, 5.0


def busy() -> float:
    """How many times longer everything may take because this machine has other work."""
    return min(_MOST, max(_LEAST, os.getloadavg()[0] / (os.cpu_count() or 1)))


def limit(seconds: float) -> float:
    """The upper limit of a measured time: `seconds` on an idle machine, and more on a busy one."""
    return seconds * busy() / _LEAST


def wait_until(condition: Callable[[], _T | None], seconds: float = 10.0, what: str | Callable[[], str] = "") -> _T:
    """Wait until `condition` returns something true, and return that; fail with `what` was waited for.

    A machine takes twice the seconds before it fails, a busy one up to five times.
    """
    began = time.monotonic()
    while True:
        value = condition()
        if value:
            return value
        passed = time.monotonic() - began
        if passed > seconds * busy():
            told = what() if callable(what) else what
            raise AssertionError(f"waited {passed:.1f} s in vain for {told or condition}")
        _never.wait(0.01)


def let_pass(seconds: float) -> None:
    """Let time pass, if slowness itself is tested."""
    _never.wait(seconds)
