"""Who would hear an event of a channel."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import structlog

_log = structlog.get_logger(__name__)


class KnownListeners:
    """Asks each source whether it hears a channel; phones that were ever answered by a rule count as heard.

    `remember` stores such a phone for good.
    """

    def __init__(
        self,
        hearing: Iterable[Callable[[str], bool]],
        *,
        answering: Iterable[str],
        remember: Callable[[str], None],
    ) -> None:
        self._hearing = tuple(hearing)
        self._answering = set(answering)
        self._remember = remember
        self._lock = threading.Lock()

    def is_anyone(self, thing: str, channel: str) -> bool:
        """Whether anybody may answer events of the channel."""
        return thing in self._answering or any(hears(f"{thing}:{channel}") for hears in self._hearing)

    def has_answered(self, thing: str) -> None:
        """Remember that calls of this phone are answered by somebody; never raises, because the answer stands."""
        with self._lock:
            if thing in self._answering:
                return
            self._answering.add(thing)
        try:
            self._remember(thing)
        except Exception:
            _log.exception("listeners.not_stored", thing=thing)
