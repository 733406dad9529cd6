"""Receives answers to calls on a separate connection, so that they do not queue behind other requests at the broker."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from secrets import token_hex

import structlog

from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.mqtt.messages import Message
from twilio_binding.protocol.topics import Topics

_log = structlog.get_logger(__name__)

_ACTION = "respondWithTwiml"
ANSWER = f"/{_ACTION}"
"""The end of the topic of an answer for a caller."""
_REMEMBERED = 10_000
"""Number of answers whose second copy may still arrive."""


class Answers:
    """Takes each answer once, although it arrives on both connections; `take` gets the first copy.

    `acts` returns whether the service is active. The n-th answer with some content on one connection is the n-th on the
    other. Answers that one connection misses arrive on the other.
    """

    def __init__(
        self,
        url: str,
        topics: Topics,
        *,
        client_id: str,
        take: Callable[[Message], None],
        acts: Callable[[], bool],
        ca_file: str = "",
    ) -> None:
        self._take = take
        self._acts = acts
        self._lock = threading.Lock()
        self._counts: OrderedDict[tuple[str, int], list[int]] = OrderedDict()
        self._connection = BrokerConnection(url, client_id=f"{client_id}-answers-{token_hex(4)}", ca_file=ca_file)
        self._connection.connected.subscribe(lambda: self._connection.subscribe(topics.action("+", _ACTION)))
        self._connection.received.subscribe(self._came_here)
        self._connection.failed.subscribe(lambda reason: _log.info("mqtt.answers_not_ready", reason=reason))

    def start(self) -> None:
        """Start connecting."""
        self._connection.start()

    def stop(self, until: float) -> None:
        """Disconnect."""
        self._connection.stop(until)

    def came(self, message: Message) -> None:
        """Handle an answer on the connection for all requests."""
        self._came(message, 1)

    def _came_here(self, message: Message) -> None:
        if self._acts():  # otherwise the other connection decides
            self._came(message, 0)

    def _came(self, message: Message, connection: int) -> None:
        if self._is_first((message.topic, hash(message.payload)), connection):
            self._take(message)
        else:
            message.taken()

    def _is_first(self, content: tuple[str, int], connection: int) -> bool:
        with self._lock:
            counts = self._counts.setdefault(content, [0, 0])
            self._counts.move_to_end(content)
            if len(self._counts) > _REMEMBERED:
                self._counts.popitem(last=False)
            counts[connection] += 1
            return counts[connection] > counts[1 - connection]
