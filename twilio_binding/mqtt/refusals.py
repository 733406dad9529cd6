"""Tracks which kinds of topics the broker refuses, for `/ready` and the log."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import structlog

_log = structlog.get_logger(__name__)

_FORGOTTEN = 600.0
"""Seconds after which a refusal is forgotten, because nothing may have been published there since."""
CURE = "let the service read and write everything below the base topic, in the broker's access list"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refused:
    reason: str
    at: float


class Refusals:
    """Kinds of topics, such as `twilio/event`, on which the broker accepts nothing now. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kinds: dict[str, _Refused] = {}

    def refused(self, kind: str, reason: str) -> None:
        """Note that the broker refused a message for another reason than its size."""
        with self._lock:
            is_new = kind not in self._kinds
            self._kinds[kind] = _Refused(reason=reason, at=time.monotonic())
        if is_new:
            _log.error("mqtt.publish_refused", topic=kind, reason=reason, cure=CURE)

    def taken(self, *kinds: str) -> None:
        """Note that the broker accepted messages."""
        for kind in self._kinds.keys() & set(kinds):
            with self._lock:
                self._kinds.pop(kind, None)
            _log.info("mqtt.publish_taken", topic=kind)

    def is_refused(self, kind: str) -> bool:
        """Whether the last messages of a kind were refused."""
        return kind in self._current()

    @property
    def text(self) -> str:
        """What is refused and what to do, "" for nothing."""
        current = self._current()
        if not current:
            return ""
        topics = ", ".join(sorted(current))
        reason = next(iter(current.values())).reason
        return f"the broker refuses what is published to {topics} ({reason}); {CURE}"

    def _current(self) -> dict[str, _Refused]:
        after = time.monotonic() - _FORGOTTEN
        with self._lock:
            self._kinds = {kind: refused for kind, refused in self._kinds.items() if refused.at > after}
            return dict(self._kinds)
