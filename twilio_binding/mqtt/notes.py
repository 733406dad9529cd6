"""Work that is put off until paho holds none of its locks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue

import structlog

_log = structlog.get_logger(__name__)


class Notes:
    """What paho tells, in order. `note` may be called from any thread; `work_off` is for the connection's."""

    def __init__(self) -> None:
        self._happened: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def note(self, what: Callable[..., None], *arguments: object, **named: object) -> None:
        """Call `what` soon."""
        self._happened.put(partial(what, *arguments, **named))

    def work_off(self) -> None:
        """Do everything that was noted. Errors are logged: none of them may end the connection."""
        while True:
            try:
                happened = self._happened.get_nowait()
            except Empty:
                return
            try:
                happened()
            except Exception:
                _log.exception("mqtt.failed")
