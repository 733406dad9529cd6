"""Checks that requests reach the service: a broker may accept a subscription but deliver nothing without read access."""

from __future__ import annotations

import time

from twilio_binding.mqtt.outgoing import Publication, Publish

_ANSWER = 5.0
"""Seconds until a request to ourselves should have come back."""
_AGAIN = 10.0
"""Seconds until the next probe while none came back."""


class Probe:
    """Publishes `mark` as a request on `topic`, and notes whether it comes back. For the connection's thread.

    If the broker refuses that, or gives no reasons, nothing is known.
    """

    def __init__(self, topic: str, mark: str, publish: Publish) -> None:
        self._topic = topic
        self._mark = mark.encode()
        self._publish = publish
        self._sent: Publication | None = None
        self._sent_at = 0.0
        self.is_deaf = False

    def begin(self) -> None:
        """Begin: the subscription exists."""
        self._sent_at = time.monotonic()
        self._sent = self._publish(self._topic, self._mark)

    def end(self) -> None:
        """End: no subscription is wanted."""
        self._sent, self.is_deaf = None, False

    def heard(self, payload: bytes) -> None:
        """Handle a probe; other services have other marks."""
        if payload == self._mark:
            self._sent, self.is_deaf = None, False

    def tick(self) -> None:
        """Called regularly."""
        if self._sent is None:
            return
        waited = time.monotonic() - self._sent_at
        if waited > _ANSWER and self._sent.is_confirmed:
            self.is_deaf = True
        if waited > _AGAIN:
            self._sent.withdraw()
            self.begin()
