"""Publishes that the service is online and active."""

from __future__ import annotations

import time

from twilio_binding.mqtt.outgoing import Publication, Publish
from twilio_binding.mqtt.presence import Presence
from twilio_binding.mqtt.refusals import Refusals
from twilio_binding.protocol.topics import Topics

_AGAIN = 5.0
"""Seconds after which refused messages are published again."""
_GOODBYE = 1.0
"""Seconds for the broker to accept the last messages."""


class SelfReport:
    """Publishes on `<base>/status` and `<base>/service`, and notes whether the broker accepts it."""

    def __init__(self, topics: Topics, publish: Publish, refusals: Refusals) -> None:
        self._topics = topics
        self._publish = publish
        self._refusals = refusals
        self._repeated = 0.0

    def online(self) -> None:
        """Publish that the service is online."""
        self._publish(self._topics.status, b"online", retain=True, then=self.note)

    def offline(self) -> None:
        """Publish that the service is offline; waits a moment for the broker."""
        last = ((self._topics.status, b"offline"), (self._topics.service, b""))
        for goodbye in [self._publish(topic, text, retain=True) for topic, text in last]:
            goodbye.wait_for_publish(_GOODBYE)

    def claim(self, payload: bytes, *, retain: bool) -> None:
        """Publish that this service is active, or ask which one is."""
        self._publish(self._topics.service, payload, retain=retain, then=self.note)

    def note(self, publication: Publication) -> None:
        """Note the outcome of one of these publications."""
        kind = self._topics.kind(publication.topic)
        if publication.refusal:
            self._refusals.refused(kind, publication.refusal)
        else:
            self._refusals.taken(kind)

    def repeat(self, presence: Presence) -> None:
        """Publish again what the broker refused; its access list may have been corrected."""
        now = time.monotonic()
        if now > self._repeated + _AGAIN:
            self._repeated = now
            if self._refusals.is_refused(self._topics.status):
                self.online()
            if self._refusals.is_refused(self._topics.service) or not presence.is_heard:
                presence.tell()
