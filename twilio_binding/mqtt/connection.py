"""A connection to the broker that comes back by itself."""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from twilio_binding import tls
from twilio_binding.clock import Backoff
from twilio_binding.mqtt.bounded import DECLARED_BYTES, BoundedClient
from twilio_binding.mqtt.outgoing import WINDOW, Outgoing, Publication
from twilio_binding.mqtt.subscriptions import Subscriptions
from twilio_binding.protocol.broker_url import BrokerAddress, BrokerURLError, read_broker_url
from twilio_binding.protocol.errors import TwilioBindingError

_log = structlog.get_logger(__name__)

_KEEPALIVE = 20
_GREETING = 3.0
"""Seconds that a broker may take to answer CONNECT."""
_LASTING = 2.0
"""Seconds after which a connection counts as one that works: the next is made at once when it ends."""
_TAKEN_OVER = 0x8E
"""The reason of DISCONNECT when another client came with the same client id."""


class BadBrokerURLError(TwilioBindingError):
    """The URL of the broker cannot be used."""

    code = "bad_broker_url"


def parse_broker_url(url: str) -> BrokerAddress:
    """Read `mqtt[s]://[user:password@]host[:port]`; raises `BadBrokerURLError`."""
    try:
        return read_broker_url(url)
    except BrokerURLError as error:
        raise BadBrokerURLError(error.told("mqtt.url")) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it arrived; where it was `oversized`, the payload is only its beginning.

    `taken` tells the broker that it need not come again, where that is not told anyway.
    """

    topic: str
    payload: bytes
    retained: bool
    reply_to: str = ""
    correlation: bytes = b""
    oversized: bool = False
    taken: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Will:
    """What the broker publishes, retained, when the connection breaks."""

    topic: str
    payload: bytes


class Connection:
    """One connection with a lasting session: what is published to us with QoS 1 while we are away comes later.

    MQTT 5 where the broker knows it, else 3.1.1. `on_connect` is called on each connection, `on_message` for each
    message, `on_reason` with why the broker cannot be used whenever that is another reason, `on_tick` about once a
    second while connected; all on the connection's own thread, outside of paho, so that they may publish and subscribe.
    `is_down` says that the last attempt to connect failed. With `keeps` a message comes again on the next connection until its `taken` was called.
    """

    def __init__(
        self,
        url: str,
        *,
        client_id: str,
        on_connect: Callable[[], None],
        on_message: Callable[[Message], None],
        on_reason: Callable[[str], None] = lambda _: None,
        on_tick: Callable[[], None] = lambda: None,
        will: Will | None = None,
        session_seconds: int = 0,
        keeps: bool = False,
        ca_file: str = "",
    ) -> None:
        self._address = parse_broker_url(url)
        self._tls = tls.trusting(ca_file) if self._address.tls else None
        self._client_id = client_id
        self._keeps = keeps
        self._connections = 0
        self._connect_callback, self._message_callback = on_connect, on_message
        self._reason_callback, self._tick_callback = on_reason, on_tick
        self._will = will
        self._session_seconds = session_seconds
        self._connected = threading.Event()
        self._stopping = threading.Event()
        self._happened: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._outgoing = Outgoing()
        self._subscriptions = Subscriptions()
        self._backoff = Backoff(0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)
        self._greeted: bool | None = None
        self._has_ever_greeted = False
        self.reason = "not connected yet"
        self.is_down = False
        self._client = self._make(MQTTProtocolVersion.MQTTv5)
        self._thread = threading.Thread(target=self._run, name=f"mqtt-{client_id}", daemon=True)

    @property
    def is_connected(self) -> bool:
        """Whether the broker can be used now."""
        return self._connected.is_set()

    @property
    def speaks_mqtt_5(self) -> bool:
        """Whether the broker can give reasons."""
        return self._client.protocol == MQTTProtocolVersion.MQTTv5

    @property
    def limit(self) -> int:
        """The largest packet that the broker takes, as it said; 0 where it did not."""
        return self._outgoing.limit

    @property
    def subscriptions(self) -> Subscriptions:
        """What was subscribed to on this connection, and what the broker said to that."""
        return self._subscriptions

    def start(self) -> None:
        """Begin to connect; the broker may come later."""
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait until connected; whether that is so."""
        return self._connected.wait(seconds)

    def stop(self) -> None:
        """Disconnect properly and end."""
        self._stopping.set()
        self._client.disconnect()
        if self._thread.ident is not None:
            self._thread.join(10)
        if not self._thread.is_alive():
            self._let_go()

    def rename(self) -> None:
        """Connect again under another client id; for the connection's thread."""
        self._take_another_name()
        self._client.disconnect()

    def _take_another_name(self) -> None:
        """Somebody has the same client id, as a copied data folder has: under another one both can be there."""
        self._client_id = f"{self._client_id.partition('~')[0]}~{secrets.token_hex(4)}"
        self._client._client_id = self._client_id.encode()  # noqa: SLF001 - paho has no way to change it

    def subscribe(self, *topics: str) -> None:
        """Subscribe with QoS 1, again and again where the broker refuses; to be repeated on each connection."""
        self._subscriptions.subscribe(topics, self._client.subscribe)

    def unsubscribe(self, *topics: str) -> None:
        """Hear nothing of these topics any more."""
        self._subscriptions.forget(topics)
        self._client.unsubscribe(list(topics))

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        correlation: bytes = b"",
        then: Callable[[Publication], None] = lambda _: None,
    ) -> Publication:
        """Publish with QoS 1; while the connection is down the message waits for it."""
        publication = Publication(topic=topic, payload=payload, retain=retain, correlation=correlation, then=then)
        self._outgoing.add(publication)
        return publication

    def _make(self, protocol: MQTTProtocolVersion) -> BoundedClient:
        client = BoundedClient(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            protocol=protocol,
            # MQTT 5 says so when it connects.
            clean_session=None if protocol == MQTTProtocolVersion.MQTTv5 else self._session_seconds == 0,
            manual_ack=self._keeps,
        )
        client.max_inflight_messages_set(WINDOW * 2)  # how many are under way is decided in `Outgoing`
        client.reconnect_delay_set(1, 5)
        if self._address.username is not None:
            client.username_pw_set(self._address.username, self._address.password)
        if self._tls is not None:
            client.tls_set_context(self._tls)
        if self._will is not None:
            client.will_set(self._will.topic, self._will.payload, qos=1, retain=True)
        client.on_socket_open = _no_delay
        # paho calls these while it holds locks that a publish on another thread may wait for, so they only take note.
        client.on_connect = lambda _client, _data, _flags, reason, properties: self._note_greeting(reason, properties)
        client.on_disconnect = lambda _client, _data, _flags, reason, _props: self._note(self._ended, reason)
        client.on_publish = lambda _client, _data, number, reason, _props: self._note(
            self._outgoing.acknowledged, number, str(reason) if reason.is_failure else ""
        )
        client.on_subscribe = lambda _client, _data, number, reasons, _props: self._note(
            self._subscribed, number, reasons
        )
        client.on_message = lambda _client, _data, message: self._note(
            self._received, message, self._client.is_oversized
        )
        return client

    def _note(self, what: Callable[..., None], *arguments: object) -> None:
        self._happened.put(partial(what, *arguments))

    def _note_greeting(self, reason: ReasonCode, properties: Properties) -> None:
        # What has no receipt yet is sent anew by `Outgoing`; paho would send it as it is, for ever.
        self._client.drop_out_messages()
        self._note(self._greet, reason, properties)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._greeted, began = None, time.monotonic()
            try:
                self._open()
                self._serve()
            except (OSError, AttributeError, ValueError) as error:
                # AttributeError and ValueError: paho's words for a socket that another thread has closed.
                self._blame(f"the broker does not answer ({tls.explain(error, 'mqtt.ca_file')})")
            else:
                if self._greeted is not True and not self._stopping.is_set():
                    self._speak_otherwise()
            self._work_off()
            self._connected.clear()
            self.is_down = not self._greeted
            self._outgoing.cut()
            if self._has_lasted(began):
                self._backoff.succeeded()
            self._stopping.wait(self._backoff.failed())
        self._drain()

    def _has_lasted(self, began: float) -> bool:
        return bool(self._greeted) and time.monotonic() > began + _LASTING

    def _blame(self, reason: str) -> None:
        if reason != self.reason:
            self.reason = reason
            self._reason_callback(f"{reason}; mqtt.url is {self._address}")

    def _serve(self) -> None:
        """Work until the connection ends, or the broker has not greeted in time."""
        began = ticked = time.monotonic()
        while not self._stopping.is_set() and self._client.loop(1.0) == MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._work_off()
            now = time.monotonic()
            if self._greeted is None and now > began + _GREETING:
                return
            if self._connected.is_set() and now > ticked + 1:
                ticked = now
                self._subscriptions.repeat(self._client.subscribe)
                self._tick_callback()

    def _work_off(self) -> None:
        """Do what follows from what paho has told."""
        while True:
            try:
                happened = self._happened.get_nowait()
            except Empty:
                return
            try:
                happened()
            except Exception:
                # Nothing that is told of ours may end the connection.
                _log.exception("mqtt.failed")

    def _speak_otherwise(self) -> None:
        """Some brokers know no MQTT 5: they refuse, hang up or say nothing. Once one has greeted, it stays with that."""
        if not self._has_ever_greeted:
            old = self._client.protocol == MQTTProtocolVersion.MQTTv5
            self._let_go()
            self._client = self._make(MQTTProtocolVersion.MQTTv311 if old else MQTTProtocolVersion.MQTTv5)

    def _let_go(self) -> None:
        # paho leaves the pair of sockets that wakes its loop to the garbage collector.
        self._client._reset_sockets()  # noqa: SLF001

    def _open(self) -> None:
        if self._client.protocol != MQTTProtocolVersion.MQTTv5:
            self._client.connect(self._address.host, self._address.port, _KEEPALIVE)
            return
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = self._session_seconds
        properties.MaximumPacketSize = DECLARED_BYTES
        clean = self._session_seconds == 0
        self._client.connect(
            self._address.host, self._address.port, _KEEPALIVE, clean_start=clean, properties=properties
        )

    def _drain(self) -> None:
        # The last packets (offline, DISCONNECT) still have to leave.
        for _ in range(10):
            if self._client.loop(0.1) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                return

    def _greet(self, reason: ReasonCode, properties: Properties | None) -> None:
        self._greeted = not reason.is_failure
        if reason.is_failure:
            self._blame(f"the broker refuses the connection: {reason}")
            return
        self._has_ever_greeted = True
        self._connections += 1
        self.is_down = False
        self.reason = ""
        self._subscriptions.clear()
        self._outgoing.connected(
            self._send,
            mqtt_5=self.speaks_mqtt_5,
            limit=getattr(properties, "MaximumPacketSize", 0),
            window=getattr(properties, "ReceiveMaximum", WINDOW),
        )
        self._connect_callback()
        self._connected.set()
        if self._subscriptions.is_answered:
            self._outgoing.prove()  # nothing was asked that could be waited for

    def _send(self, publication: Publication) -> int | None:
        try:
            info = self._client.publish(
                publication.topic,
                publication.payload,
                qos=1,
                retain=publication.retain,
                properties=publication.properties(mqtt_5=self.speaks_mqtt_5),
            )
        except (OSError, AttributeError, ValueError):
            return None  # the connection is ending; see `_run`
        return info.mid

    def _ended(self, reason: ReasonCode) -> None:
        was_connected = self._connected.is_set()
        self._connected.clear()
        self._outgoing.cut()
        if not self._stopping.is_set():
            self.reason = self.reason or f"the connection to the broker broke ({reason})"
            if was_connected:
                _log.info("mqtt.lost", reason=str(reason))
        if reason.value == _TAKEN_OVER:
            self._take_another_name()

    def _subscribed(self, number: int, reasons: list[ReasonCode]) -> None:
        self._outgoing.prove()
        self._subscriptions.answered(number, [str(reason) if reason.is_failure else "" for reason in reasons])

    def _received(self, message: paho.MQTTMessage, oversized: bool) -> None:  # noqa: FBT001 - by position, from paho
        properties = message.properties
        taken = partial(self._acknowledge, message.mid, self._connections)
        try:
            self._message_callback(
                Message(
                    topic=message.topic,
                    payload=bytes(message.payload),
                    retained=message.retain,
                    reply_to=getattr(properties, "ResponseTopic", "") or "",
                    correlation=getattr(properties, "CorrelationData", b"") or b"",
                    oversized=oversized,
                    taken=taken,
                )
            )
        except Exception:
            # A message must never end the connection.
            _log.exception("mqtt.message_failed")
            taken()

    def _acknowledge(self, message_id: int, connection: int) -> None:
        # On another connection it comes again, and its number may be another message's. One with QoS 0 has no number, and
        # an acknowledgement of it is an error for which the broker ends the connection.
        if message_id and self._keeps and connection == self._connections and self._connected.is_set():
            self._client.ack(message_id, 1)


def _no_delay(_client: paho.Client, _data: Any, connection: Any) -> None:  # noqa: ANN401
    # Without it every QoS 1 round trip waits 40 ms for a delayed acknowledgement. A publish on another thread that fails
    # at this moment takes paho's socket away.
    if connection is not None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
