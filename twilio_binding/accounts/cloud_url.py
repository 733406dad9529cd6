"""The webhook URL from openHAB Cloud, as the script inside openHAB reports it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

import structlog

from twilio_binding.protocol.announcement import Announcement

_log = structlog.get_logger(__name__)

_URL = re.compile(r"https?://[\w.-]+(:\d{1,5})?(/[^\s?#\\]*)?", re.ASCII)


class CloudURL:
    """Passes on the URL while it is valid, and "" when it has expired; `clock` is in seconds since 1970."""

    def __init__(self, on_change: Callable[[str], None], *, clock: Callable[[], float] = time.time) -> None:
        self._on_change = on_change
        self._clock = clock
        self._lock = threading.Lock()
        self._url, self._expires = "", 0.0

    def announce(self, announcement: Announcement | None) -> None:
        """Take over what the script reports. A script that has gone may come back, so its URL stays until it expires."""
        if announcement is None:
            return
        url = announcement.cloud_url
        if url and not _URL.fullmatch(url):
            _log.warning("cloud.unusable", reason="the cloud webhook that the script reports is not a URL")
            url = ""
        with self._lock:
            self._url, self._expires = url, announcement.cloud_expires
        self.check()

    def check(self) -> None:
        """Withdraw the URL when it has expired; called from time to time."""
        with self._lock:
            if self._url and self._expires and self._clock() >= self._expires:
                _log.warning("cloud.expired", reason="the script inside openHAB has not renewed the cloud webhook")
                self._url = ""
            self._on_change(self._url)
