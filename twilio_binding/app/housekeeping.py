"""Deletes old data."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from twilio_binding.app.configuration import Configuration
from twilio_binding.app.stores import Stores
from twilio_binding.clock import left
from twilio_binding.media.urls import MediaURLs
from twilio_binding.settings import Settings

_log = structlog.get_logger(__name__)

_EVERY = 60.0
"""Seconds between two rounds."""
_DAY = 86400.0


class Housekeeping:
    """Deletes old data and calls `review`, which never raises, once a minute on its own thread."""

    def __init__(
        self,
        stores: Stores,
        configuration: Configuration,
        media: MediaURLs,
        settings: Settings,
        *,
        review: Callable[[], None],
    ) -> None:
        self._stores = stores
        self._review = review
        self._configuration = configuration
        self._media = media
        self._keep = settings.delivery.keep_days * _DAY
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        """Start."""
        self._thread.start()

    def stop(self, until: float) -> None:
        """Stop."""
        self._stopping.set()
        self._thread.join(left(until, 5))

    def _run(self) -> None:
        while not self._stopping.wait(_EVERY):
            try:
                self._stores.timeline.note()
                self._configuration.cloud.check()
                self._review()
                dropped = self._stores.forget(self._keep) + self._media.age()
                if dropped:
                    _log.info("store.forgot", rows=dropped)
            except Exception:
                _log.exception("store.housekeeping_failed")
