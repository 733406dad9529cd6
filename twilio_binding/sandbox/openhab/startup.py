"""The start of an openHAB server as it was recorded: how requests are answered, and when."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from enum import Enum


class Mode(Enum):
    """How requests are answered in a phase of the start."""

    REFUSED = "no listener"
    MISSING = "404 with an empty body"
    NO_SERVICE = "404 with an HTML body"
    NO_USERS = "401 for a valid token, 404 for items, 200 for the root"
    NO_HANDLERS = "everything answers, but states and runs are lost"
    OPEN = "everything works"


PHASES = (
    (3.3, Mode.REFUSED),
    (4.1, Mode.MISSING),
    (4.4, Mode.NO_SERVICE),
    (5.7, Mode.NO_USERS),
    (6.0, Mode.MISSING),
    (7.1, Mode.NO_HANDLERS),
    (7.4, Mode.NO_SERVICE),
    (7.6, Mode.NO_HANDLERS),
    (8.0, Mode.NO_SERVICE),
    (8.3, Mode.OPEN),
    (8.5, Mode.NO_SERVICE),
)
LEVELS = ((5.7, 10), (8.6, 20), (12.6, 30), (12.65, 40), (12.7, 50), (12.8, 70), (14.0, 80), (15.0, 100))
_HELD_BACK = 80
_LOOK = 0.01
"""Seconds between looks whether a start that pauses may go on."""


class Startup:
    """The course of a start. `level` announces start levels, `listener` opens and closes the port, `ready` enables rules.

    While `held_back` returns true, the start level stays at 70.
    """

    def __init__(
        self,
        *,
        level: Callable[[int], None],
        listener: Callable[[bool], None],
        ready: Callable[[bool], None],
        held_back: Callable[[], bool],
    ) -> None:
        self._tell_level = level
        self._listener = listener
        self._ready = ready
        self._held_back = held_back
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self.mode = Mode.REFUSED
        self.level = 0
        self.until = math.inf
        """The second of the recorded start at which this one pauses, until a later one is set."""

    def begin(self, factor: float, highest: int = 100, until: float = math.inf) -> None:
        """Begin a start, with the recorded times multiplied by `factor`, up to level `highest`. Returns immediately."""
        self.stop()
        self._stop.clear()
        self.level = 0
        self.until = until
        if factor <= 0:
            self._skip(highest)
            return
        self._enter(Mode.REFUSED)
        self._thread = threading.Thread(target=self._run, args=(factor, highest), name="openhab-startup", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Cancel a start that is in progress."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _skip(self, highest: int) -> None:
        self.level = highest
        self._enter(Mode.OPEN)

    def _run(self, factor: float, highest: int) -> None:
        began = time.monotonic()
        ends = [at for at, _ in PHASES]
        modes = [mode for _, mode in PHASES[1:]] + [Mode.OPEN]
        steps: list[tuple[float, Mode | int]] = [*zip(ends, modes, strict=True), *LEVELS]
        for at, step in sorted(steps, key=lambda each: each[0]):
            began += self._pause_before(at)
            if self._stop.wait(max(0.0, began + at * factor - time.monotonic())):
                return
            if isinstance(step, Mode):
                self._enter(step)
            elif step <= highest and self._may_reach(step, factor):
                self.level = step
                self._tell_level(step)

    def _pause_before(self, second: float) -> float:
        began = time.monotonic()
        while second > self.until and not self._stop.wait(_LOOK):
            pass
        return time.monotonic() - began

    def _may_reach(self, level: int, factor: float) -> bool:
        while level >= _HELD_BACK and self._held_back():
            if self._stop.wait(5 * factor):
                return False
        return True

    def _enter(self, mode: Mode) -> None:
        self.mode = mode
        self._ready(mode is Mode.OPEN)
        self._listener(mode is not Mode.REFUSED)
