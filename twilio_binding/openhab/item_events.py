"""Events of items in openHAB, on a separate stream that is open only while there are subscribers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from math import inf

from twilio_binding.openhab.event_stream import EventStream
from twilio_binding.settings import OpenHABSettings
from twilio_binding.subscribers import Subscribers

_LONGEST = 7000
"""Maximum characters of all topics together: openHAB accepts 8000."""
_ALL = "openhab/items/*/"

Handler = Callable[[str, str], None]


class ItemEvents:
    """Follows the topics that its subscribers need, such as `openhab/items/*/command`."""

    opened: Subscribers[[]]
    """Notified when the stream is open: earlier events were missed."""

    def __init__(self, server: OpenHABSettings) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._followers: list[tuple[Callable[[], Collection[str]], Handler]] = []
        self._topics = ""
        self._stream: EventStream | None = None
        self._is_stopped = False
        self.opened = Subscribers()

    def subscribe(self, wanted: Callable[[], Collection[str]], follow: Handler) -> None:
        """Call `follow(topic, payload)` for events of the topics that `wanted` returns."""
        self._followers.append((wanted, follow))

    def review(self) -> None:
        """Handle a change of the wanted topics: connect, reconnect or disconnect. Returns at once."""
        with self._lock:
            topics = "" if self._is_stopped else self._wanted()
            if topics == self._topics:
                return
            self._topics = topics
            if not topics:
                self._end()
            elif self._stream is not None:
                self._stream.drop()
            else:
                self._stream = EventStream(
                    self._server,
                    on_open=self.opened.notify,
                    on_event=self._follow,
                    topics=lambda: self._topics,
                    name="openhab-item-events",
                )
                self._stream.start()

    def stop(self, until: float = inf) -> None:
        """Disconnect and stop, by a time of the monotonic clock."""
        stream = self._stream
        self._is_stopped = True
        self.review()
        if stream is not None:
            stream.stop(until)

    def _end(self) -> None:
        if self._stream is not None:
            self._stream.end()
            self._stream = None

    def _wanted(self) -> str:
        topics = sorted({topic for wanted, _ in self._followers for topic in wanted()})
        text = ",".join(topics)
        if len(text) <= _LONGEST:
            return text
        return ",".join(sorted({_ALL + topic.rpartition("/")[2] for topic in topics}))

    def _follow(self, topic: str, payload: str) -> None:
        for _, follow in self._followers:
            follow(topic, payload)
