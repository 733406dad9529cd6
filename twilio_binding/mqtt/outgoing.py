"""Publishes messages and tracks which ones the broker confirms, refuses or can never accept."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

WINDOW = 200
"""Maximum number of unconfirmed messages, unless the broker wants fewer."""
_CONFIRMATION = 10.0
"""Seconds for the broker to confirm a message that somebody waits for."""
_STRIKES = 3
"""Number of consecutive lost connections with a single unconfirmed message after which that message is the cause."""
_LONGEST_TOPIC = 65535


def _nobody(_: Publication) -> None:
    """Do nothing."""


@dataclass(slots=True, eq=False, kw_only=True)
class Publication:
    """A message with QoS 1 on its way to the broker.

    `then` is called when it is settled, on the connection's thread or the publisher's. `refusal` says why the broker
    does not have it; `is_final`: it never will.
    """

    topic: str
    payload: bytes
    retain: bool = False
    correlation: bytes = b""
    then: Callable[[Publication], None] = _nobody
    refusal: str = ""
    is_final: bool = False
    strikes: int = 0
    is_withdrawn: bool = False
    left: Callable[[Publication], None] = _nobody
    """Called when it is withdrawn."""
    _settled: threading.Event = field(default_factory=threading.Event)

    @property
    def is_settled(self) -> bool:
        """Whether the broker has answered, or never will."""
        return self._settled.is_set()

    @property
    def is_confirmed(self) -> bool:
        """Whether the broker has it."""
        return self._settled.is_set() and not self.refusal

    def wait_for_publish(self, seconds: float) -> bool:
        """Wait until it is settled; returns whether it is confirmed."""
        self._settled.wait(seconds)
        return self.is_confirmed

    def withdraw(self) -> None:
        """Do not send it again."""
        self.is_withdrawn = True
        self.left(self)

    def settle(self, refusal: str = "", *, final: bool = False) -> None:
        """Note the outcome."""
        self.refusal, self.is_final = refusal, final
        self._settled.set()

    def properties(self, *, mqtt_5: bool) -> Properties | None:
        """The MQTT 5 properties."""
        if not self.correlation or not mqtt_5:
            return None
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.CorrelationData = self.correlation
        return properties

    def packet_size(self, *, mqtt_5: bool) -> int:
        """The size of the whole packet in bytes."""
        properties = self.properties(mqtt_5=mqtt_5)
        more = (len(properties.pack()) if properties else 1) if mqtt_5 else 0  # type: ignore[no-untyped-call]
        rest = 2 + len(self.topic.encode()) + 2 + more + len(self.payload)
        return 1 + next(count for count in (1, 2, 3, 4) if rest < 128**count or count == 4) + rest


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerTerms:
    """What the broker said when it connected: whether it speaks MQTT 5, and its largest packet, 0 if it named none."""

    is_mqtt_5: bool = False
    packet_limit: int = 0


Send = Callable[..., paho.MQTTMessageInfo]
"""paho's `publish`, which passes a message to the connection."""


class Publish(Protocol):
    """Publishes a message; calls back when it is settled."""

    def __call__(
        self,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        correlation: bytes = b"",
        then: Callable[[Publication], None] = ...,
    ) -> Publication:
        """Publish with QoS 1; the message waits while the connection is down."""


class Outgoing:
    """Messages in order, some of them unconfirmed. Thread-safe.

    If the connection ends with unconfirmed messages, the next one sends them one at a time. A message that ends the
    connection again and again, while the broker accepts others, can never be published.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Publication] = deque()
        self._sent: dict[int, Publication] = {}
        self._send: Send | None = None
        self.terms = BrokerTerms()
        """The broker's terms at the last connection."""
        self._window = WINDOW
        self._one_at_a_time = False
        self._is_proven = False
        self._fatal_size = 0

    def connected(self, send: Send, *, mqtt_5: bool, limit: int, window: int) -> None:
        """Handle a new connection."""
        with self._lock:
            self._send, self.terms = send, BrokerTerms(is_mqtt_5=mqtt_5, packet_limit=limit)
            self._window = min(WINDOW, window)
            self._is_proven = False
            if limit:  # messages that are too long are known without a try
                self._fatal_size = 0

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        correlation: bytes = b"",
        then: Callable[[Publication], None] = _nobody,
    ) -> Publication:
        """Publish with QoS 1, now or as soon as possible."""
        publication = Publication(
            topic=topic, payload=payload, retain=retain, correlation=correlation, then=then, left=self._forget
        )
        with self._lock:
            self._waiting.append(publication)
            settled = self._pump()
        _tell(settled)
        return publication

    def acknowledged(self, number: int, refusal: str) -> None:
        """Handle the broker's answer to a message; "" if it was accepted."""
        with self._lock:
            publication = self._sent.pop(number, None)
            self._is_proven = True
            if publication is not None and self._is_fatal(publication):
                self._fatal_size = 0  # the size was not the reason
            settled = self._pump()
        if publication is not None:
            publication.settle(refusal)
            settled.insert(0, publication)
        _tell(settled)

    def prove(self) -> None:
        """Note that the broker has proved to work on this connection."""
        with self._lock:
            self._is_proven = True
            settled = self._pump()
        _tell(settled)

    def cut(self) -> None:
        """Handle the end of the connection."""
        with self._lock:
            self._send = None
            sent, self._sent = list(self._sent.values()), {}
            self._one_at_a_time = self._one_at_a_time or bool(sent)
            guilty = sent[0] if len(sent) == 1 and self._is_proven else None
            if guilty is not None:
                self._strike(guilty)
                sent = [] if guilty.is_final else sent
            self._waiting.extendleft(each for each in reversed(sent) if not each.is_withdrawn)
        if guilty is not None and guilty.is_final:
            _tell([guilty])

    def _forget(self, publication: Publication) -> None:
        with self._lock, suppress(ValueError):  # it is unconfirmed, or settled
            self._waiting.remove(publication)

    @property
    def _room(self) -> int:
        """How many messages may be sent now. One at a time until the broker has answered anything on this connection."""
        return int(self._is_proven) if self._one_at_a_time else self._window

    def _strike(self, guilty: Publication) -> None:
        size = guilty.packet_size(mqtt_5=self.terms.is_mqtt_5)
        guilty.strikes += 1
        if guilty.strikes >= _STRIKES or self._is_fatal(guilty):
            # For longer messages one try is enough, because it is known what the broker does.
            self._fatal_size = min(size, self._fatal_size or size)
            guilty.settle(f"the broker ends the connection when it gets this message of {size} bytes", final=True)

    def _is_fatal(self, publication: Publication) -> bool:
        """Whether the broker seems to close the connection on messages of this size."""
        most = self._fatal_size
        return most > 0 and publication.packet_size(mqtt_5=self.terms.is_mqtt_5) >= most

    def _pump(self) -> list[Publication]:
        """Send as many messages as possible; returns those that can never be sent."""
        impossible = []
        while self._send is not None and self._waiting and len(self._sent) < self._room:
            publication = self._waiting.popleft()
            refusal = self._obstacle(publication)
            if refusal:
                publication.settle(refusal, final=True)
                impossible.append(publication)
                continue
            try:
                properties = publication.properties(mqtt_5=self.terms.is_mqtt_5)
                info = self._send(
                    publication.topic, publication.payload, qos=1, retain=publication.retain, properties=properties
                )
            except (OSError, AttributeError, ValueError):
                self._waiting.appendleft(publication)
                break  # the connection is ending, which its thread will notice
            self._sent[info.mid] = publication
        if not self._waiting and not self._sent:
            self._one_at_a_time = False
        return impossible

    def _obstacle(self, publication: Publication) -> str:
        if len(publication.topic.encode()) > _LONGEST_TOPIC or set(publication.topic) & set("+#\0"):
            return "its topic is not valid"
        limit = self.terms.packet_limit
        if limit and (size := publication.packet_size(mqtt_5=self.terms.is_mqtt_5)) > limit:
            return f"it has {size} bytes, and the broker accepts at most {limit}"
        return ""


def wait_until_settled(publications: Sequence[Publication]) -> bool:
    """Wait until the broker has answered to all messages; if it does not, they are withdrawn. Returns whether it has."""
    for publication in publications:
        publication.wait_for_publish(_CONFIRMATION)
        if not publication.is_settled:
            for one in publications:
                one.withdraw()
            return False
    return True


def _tell(settled: list[Publication]) -> None:
    for publication in settled:
        publication.then(publication)
