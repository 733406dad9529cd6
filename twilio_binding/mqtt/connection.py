"""A connection to the broker that comes back by itself."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from twilio_binding.errors import TwilioBindingError

_log = structlog.get_logger(__name__)

_KEEPALIVE = 20
_IN_FLIGHT = 200
_GREETING = 3.0
"""Seconds that a broker may take to answer CONNECT."""


class BadBrokerURLError(TwilioBindingError):
    """The URL of the broker cannot be used."""

    code = "bad_broker_url"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Where the broker is and how to log in there."""

    host: str
    port: int
    tls: bool
    username: str | None
    password: str | None

    def __repr__(self) -> str:
        """Without the password."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


def parse_broker_url(url: str) -> BrokerAddress:
    """Read `mqtt[s]://[user:password@]host[:port]`; raises `BadBrokerURLError`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadBrokerURLError("mqtt.url has no valid port") from None
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise BadBrokerURLError("mqtt.url must have the form mqtt://host:1883 or mqtts://host:8883")
    tls = parts.scheme == "mqtts"
    return BrokerAddress(
        host=parts.hostname,
        port=port or (8883 if tls else 1883),
        tls=tls,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it arrived."""

    topic: str
    payload: bytes
    retained: bool
    reply_to: str = ""
    correlation: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Will:
    """What the broker publishes, retained, when the connection breaks."""

    topic: str
    payload: bytes


class Connection:
    """One connection with a lasting session: what is published to us with QoS 1 while we are away comes later.

    MQTT 5 where the broker knows it, else 3.1.1. `on_connect` is called on each connection, `on_message` for each
    message, `on_reason` with why the broker cannot be used whenever that is another reason; all on the connection's own
    thread. `is_down` says that the last attempt to connect failed.
    """

    def __init__(
        self,
        url: str,
        *,
        client_id: str,
        on_connect: Callable[[], None],
        on_message: Callable[[Message], None],
        on_reason: Callable[[str], None] = lambda _: None,
        will: Will | None = None,
        session_seconds: int = 0,
    ) -> None:
        self._address = parse_broker_url(url)
        self._client_id = client_id
        self._connect_callback, self._message_callback = on_connect, on_message
        self._reason_callback = on_reason
        self._will = will
        self._session_seconds = session_seconds
        self._connected = threading.Event()
        self._stopping = threading.Event()
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

    def subscribe(self, *topics: str) -> None:
        """Subscribe with QoS 1; to be repeated on each connection."""
        self._client.subscribe([(topic, 1) for topic in topics])

    def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, correlation: bytes = b""
    ) -> paho.MQTTMessageInfo:
        """Publish with QoS 1; while the connection is down the message waits for it."""
        properties = None
        if correlation and self._client.protocol == MQTTProtocolVersion.MQTTv5:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.CorrelationData = correlation
        return self._client.publish(topic, payload, qos=1, retain=retain, properties=properties)

    def _make(self, protocol: MQTTProtocolVersion) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            protocol=protocol,
            # MQTT 5 says so when it connects.
            clean_session=None if protocol == MQTTProtocolVersion.MQTTv5 else self._session_seconds == 0,
        )
        client.max_inflight_messages_set(_IN_FLIGHT)
        client.reconnect_delay_set(1, 5)
        if self._address.username is not None:
            client.username_pw_set(self._address.username, self._address.password)
        if self._address.tls:
            client.tls_set()
        if self._will is not None:
            client.will_set(self._will.topic, self._will.payload, qos=1, retain=True)
        client.on_socket_open = _no_delay
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _run(self) -> None:
        pause = 0.2
        while not self._stopping.is_set():
            self._greeted = None
            try:
                self._open()
                self._serve()
            except (OSError, AttributeError, ValueError) as error:
                # AttributeError and ValueError: paho's words for a socket that another thread has closed.
                self._blame(f"the broker does not answer ({type(error).__name__})")
            else:
                pause = 0.2 if self._greeted else pause
                if self._greeted is not True and not self._stopping.is_set():
                    self._speak_otherwise()
            self._connected.clear()
            self.is_down = not self._greeted
            self._stopping.wait(pause)
            pause = min(pause * 1.5, 5.0)
        self._drain()

    def _blame(self, reason: str) -> None:
        if reason != self.reason:
            self.reason = reason
            self._reason_callback(f"{reason}; mqtt.url is {self._address}")

    def _serve(self) -> None:
        """Work until the connection ends, or the broker has not greeted in time."""
        patience = time.monotonic() + _GREETING
        while not self._stopping.is_set() and self._client.loop(1.0) == MQTTErrorCode.MQTT_ERR_SUCCESS:
            if self._greeted is None and time.monotonic() > patience:
                return

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
        clean = self._session_seconds == 0
        self._client.connect(
            self._address.host, self._address.port, _KEEPALIVE, clean_start=clean, properties=properties
        )

    def _drain(self) -> None:
        # The last packets (offline, DISCONNECT) still have to leave.
        for _ in range(10):
            if self._client.loop(0.1) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                return

    def _on_connect(self, _client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _props: Any) -> None:  # noqa: ANN401
        self._greeted = not reason.is_failure
        if reason.is_failure:
            self._blame(f"the broker refuses the connection: {reason}")
            return
        self._has_ever_greeted = True
        self.is_down = False
        self.reason = ""
        self._connect_callback()
        self._connected.set()

    def _on_disconnect(self, _client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _props: Any) -> None:  # noqa: ANN401
        was_connected = self._connected.is_set()
        self._connected.clear()
        if not self._stopping.is_set():
            self.reason = self.reason or f"the connection to the broker broke ({reason})"
            if was_connected:
                _log.info("mqtt.lost", reason=str(reason))

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:  # noqa: ANN401
        properties = message.properties
        try:
            self._message_callback(
                Message(
                    topic=message.topic,
                    payload=bytes(message.payload),
                    retained=message.retain,
                    reply_to=getattr(properties, "ResponseTopic", "") or "",
                    correlation=getattr(properties, "CorrelationData", b"") or b"",
                )
            )
        except Exception:
            # A message must never end the connection.
            _log.exception("mqtt.message_failed")


def _no_delay(_client: paho.Client, _data: Any, connection: Any) -> None:  # noqa: ANN401
    # Without it every QoS 1 round trip waits 40 ms for a delayed acknowledgement. A publish on another thread that fails
    # at this moment takes paho's socket away.
    if connection is not None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
