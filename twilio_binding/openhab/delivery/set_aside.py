"""Items that reject their state and links that cannot work; they block nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import structlog

from twilio_binding.clock import in_turns
from twilio_binding.masking import mask_text
from twilio_binding.metrics import Metrics

_log = structlog.get_logger(__name__)

Key = tuple[str, str]
"""An item, and the UID of its linked channel."""


class SetAside:
    """Each entry is logged once, and reported by `entries` and the metrics until it works again."""

    def __init__(self, metrics: Metrics) -> None:
        self._gauge = metrics.items_set_aside
        self._lock = threading.Lock()
        self._items: dict[Key, str] = {}
        self._links: dict[Key, str] = {}

    def refused(self, item: str, link: str, reason: str) -> None:
        """Note that an item did not accept its state."""
        with self._lock:
            is_known = (item, link) in self._items
            self._items[item, link] = reason
            self._tell(item, link)
        if is_known:
            return
        _log.warning("openhab.state_refused", item=item, link=link, reason=reason)

    def taken(self, item: str, link: str) -> None:
        """Note that an item accepted its state."""
        with self._lock:
            if self._items.pop((item, link), None) is None:
                return
            self._tell_gone(item, link)
        _log.info("openhab.state_taken_again", item=item, link=link)

    def look_at(self, bad_links: Mapping[Key, str], is_known: Callable[[Key], bool]) -> None:
        """Take over the links that cannot work, with their reasons; forget items whose link is not `is_known`."""
        with self._lock:
            news = {key: reason for key, reason in bad_links.items() if self._links.get(key) != reason}
            gone = [key for key in {*self._links, *self._items} if key not in bad_links]
            self._links = dict(bad_links)
            self._items = {key: reason for key, reason in self._items.items() if is_known(key)}
            for key in gone:
                self._tell_gone(*key)
            for item, link in in_turns(news):
                self._tell(item, link)
        for (item, link), reason in in_turns(news.items()):
            _log.warning("openhab.link_unusable", item=item, link=link, reason=reason)

    def entries(self) -> list[dict[str, str]]:
        """Item, link and reason of each."""
        with self._lock:
            both = self._links | self._items
        return [
            {"item": item, "link": mask_text(link), "reason": mask_text(reason)}
            for (item, link), reason in sorted(both.items())
        ]

    def _tell(self, item: str, link: str) -> None:
        self._gauge.labels(item, mask_text(link)).set(1)

    def _tell_gone(self, item: str, link: str) -> None:
        if (item, link) not in self._items and (item, link) not in self._links:
            self._gauge.remove(item, mask_text(link))
