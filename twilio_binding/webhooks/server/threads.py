"""Runs work that may hang in the operating system, without blocking anything else."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from typing import TypeVar

import gevent.threadpool
from gevent.event import AsyncResult

_T = TypeVar("_T")
_PATIENCE = 5.0
_SWITCH = 0.0005
"""Seconds after which a waiting thread gets Python's lock."""


class RealThread:
    """Calls functions one at a time in a real thread, so that a disk or network share that hangs blocks only their callers.

    The functions must not use gevent. `patience` is in seconds, None for no limit.
    """

    def __init__(self, *, patience: float | None = _PATIENCE) -> None:
        self._pool = gevent.threadpool.ThreadPool(1)
        # While many requests arrive, gevent's thread would let this one wait 5 ms for Python's lock each time.
        sys.setswitchinterval(_SWITCH)
        self._patience = patience
        self._pending: AsyncResult | None = None

    def __call__(self, function: Callable[[], _T]) -> _T:
        """The result, or the function's error; `TimeoutError` if it hangs, or an earlier one does."""
        if self._pending is not None:
            self._wait(self._pending)
        # Several callers may have waited: each takes the result of its own call.
        mine = self._pending = self._pool.spawn(_settled, function)
        self._wait(mine)
        result, error = mine.get()
        if self._pending is mine:
            self._pending = None
        if error is not None:
            raise error
        settled: _T = result
        return settled

    def _wait(self, pending: AsyncResult) -> None:
        if not pending.wait(self._patience):
            raise TimeoutError(errno.ETIMEDOUT, "no answer; a network share may hang")


def _settled(function: Callable[[], _T]) -> tuple[_T | None, Exception | None]:
    # gevent would print a traceback of errors in its threads.
    try:
        return function(), None
    except Exception as error:
        return None, error
