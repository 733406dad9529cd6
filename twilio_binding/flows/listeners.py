"""Who would hear an event of a channel."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import structlog

_log = structlog.get_logger(__name__)


class KnownListeners:
    """Asks each source whether it hears a channel; one whose event was ever answered by a rule counts as heard.

    `remember` stores such a channel UID for good.
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
        uid = f"{thing}:{channel}"
        return uid in self._answering or any(hears(uid) for hears in self._hearing)

    def has_answered(self, thing: str, channel: str) -> None:
        """Remember that events of the channel are answered by somebody; never raises, because the answer stands."""
        uid = f"{thing}:{channel}"
        with self._lock:
            if uid in self._answering:
                return
            self._answering.add(uid)
        try:
            self._remember(uid)
        except Exception:
            _log.exception("listeners.not_stored", thing=thing)
