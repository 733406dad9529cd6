"""openHAB's items with metadata `twilio`.

There are no events for metadata, so the list is read again when somebody uses it. If nothing has changed, openHAB
answers with 304 within milliseconds. So a change made a second ago counts, such as `pin=true`.
"""

from __future__ import annotations

import threading
import time
from email.utils import parsedate_to_datetime

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.model.sentences.items import ReachableItems, read_items
from twilio_binding.openhab.http import OpenHABRequests

_log = structlog.get_logger(__name__)

_PATH = "/items?metadata=twilio,synonyms,semantics&staticDataOnly=true"
_PATIENCE, _LESS_PATIENCE = 5.0, 3.0
"""Seconds for the first request, and for later ones, when an older list is available."""
_FRESH = 1.0
"""Seconds for which the list, or a failure to read it, is used before openHAB is asked again."""
_COSTLY = 10.0
"""The same if openHAB does not say when the list changed, and sends all of it each time."""
_GRAIN = 2.0
"""Seconds: two changes within this time may have the same date."""


class ReachableRegistry:
    """Reads the list when it is needed. Raises what requests to openHAB raise.

    Webhooks wait for the list: if openHAB hangs, one failure counts for all that wait, and for those that arrive shortly after.
    """

    def __init__(self, requests: OpenHABRequests) -> None:
        self._requests = requests
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._failed_at, self._reason = float("-inf"), ""
        self._changed = ""
        self._is_costly = False
        self.known = ReachableItems()

    @property
    def was_read(self) -> bool:
        """Whether the list was ever read."""
        return self._read_at > float("-inf")

    def current(self, *, fresh: bool = False) -> ReachableItems:
        """The items as of now or a second ago. If reading is costly, up to some seconds ago, except with `fresh`."""
        asked_at = time.monotonic()
        with self._lock:
            if asked_at < self._failed_at + _FRESH:
                raise DependencyDownError(self._reason)
            if time.monotonic() - self._read_at >= (_COSTLY if self._is_costly and not fresh else _FRESH):
                self._try()
            return self.known

    def try_again(self) -> None:
        """Ask openHAB the next time, even if it has just failed to answer: it is back."""
        self._failed_at = float("-inf")

    def _try(self) -> None:
        try:
            self._read()
        except DependencyDownError as error:
            self._failed_at, self._reason = time.monotonic(), str(error)
            raise

    def _read(self) -> None:
        headers = {"If-Modified-Since": self._changed} if self._changed else {}
        answer = self._requests.send("GET", _PATH, timeout=_LESS_PATIENCE if self.was_read else _PATIENCE, more=headers)
        if answer.status != 304:
            listed = answer.entries()
            known = read_items(listed)
            for problem in sorted({*known.problems} - {*self.known.problems}):
                _log.warning("items.metadata", problem=problem)
            if known != self.known:
                self.known = known
            self._changed = _settled(answer.changed)
            self._is_costly = not answer.changed
        self._read_at = time.monotonic()


def _settled(changed: str) -> str:
    """The date of the last change, if no later change can have the same; otherwise ""."""
    try:
        age = time.time() - parsedate_to_datetime(changed).timestamp()
    except (ValueError, TypeError):
        return ""
    return changed if age > _GRAIN else ""
