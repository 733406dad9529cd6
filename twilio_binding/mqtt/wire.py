"""The transport to the broker: paho's client with our changes, address, login, TLS, last will and session."""

from __future__ import annotations

import secrets
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import Protocol, cast

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from twilio_binding import tls
from twilio_binding.mqtt.dialect import Dialect
from twilio_binding.mqtt.messages import Will
from twilio_binding.mqtt.outgoing import WINDOW
from twilio_binding.protocol.broker_url import BrokerAddress

_log = structlog.get_logger(__name__)

MOST_BYTES = 256 * 1024
"""The largest packet that is read as a whole: four times the largest request."""
DECLARED_BYTES = 4 * MOST_BYTES
"""The limit announced to MQTT 5 brokers, which send no larger packets. Between the two limits, a message is refused by topic."""
_KEPT = 128 * 1024
"""How much of a larger packet is kept, to report its topic and send its receipt; longer than any topic."""
_PIECE = 64 * 1024
_KEEPALIVE = 20
"""Seconds between keepalive packets."""


class BrokerListener(Protocol):
    """Receives what the broker sends. Called on the connection's thread, while paho holds no locks."""

    def greeted(self, reason: ReasonCode, properties: Properties | None) -> None:
        """Handle the broker's answer to CONNECT."""

    def broke(self, reason: ReasonCode) -> None:
        """Handle the end of the connection."""

    def subscribed(self, number: int, reasons: list[ReasonCode]) -> None:
        """Handle the broker's answer to a subscription."""

    def receive(self, message: paho.MQTTMessage, *, oversized: bool) -> None:
        """Handle a message."""


class BoundedClient(paho.Client):
    """Reads in pieces, and discards everything beyond `MOST_BYTES`.

    paho calls back while it holds locks that a publish on another thread may wait for. So callbacks only note what the
    broker says, and `work_off` passes it to the listener.
    """

    _happened: SimpleQueue[Callable[[], None]]

    def listen(self, listener: BrokerListener, acknowledged: Callable[[int, str], None]) -> None:
        """Set the listener; `acknowledged` gets the number of a message, and why the broker refuses it, or ""."""
        self._happened = SimpleQueue()
        note = self._note

        def greeted(
            _client: object, _data: object, _flags: object, reason: ReasonCode, given: Properties | None
        ) -> None:
            # `Outgoing` sends unconfirmed messages again; paho would repeat them unchanged forever.
            self.drop_out_messages()
            note(listener.greeted, reason, given)

        self.on_connect = greeted
        self.on_disconnect = lambda _client, _data, _flags, reason, _given: note(listener.broke, reason)
        self.on_publish = lambda _client, _data, number, reason, _given: note(
            acknowledged, number, str(reason) if reason.is_failure else ""
        )
        self.on_subscribe = lambda _client, _data, number, reasons, _given: note(listener.subscribed, number, reasons)
        self.on_message = lambda _client, _data, message: note(listener.receive, message, oversized=self.is_oversized)

    def work_off(self) -> None:
        """Pass on everything that was noted. Errors are logged, and do not end the connection."""
        while True:
            try:
                happened = self._happened.get_nowait()
            except Empty:
                return
            try:
                happened()
            except Exception:
                _log.exception("mqtt.failed")

    def _note(self, what: Callable[..., None], *arguments: object, **named: object) -> None:
        self._happened.put(partial(what, *arguments, **named))

    @property
    def is_oversized(self) -> bool:
        """Whether the current packet is cut off."""
        return bool(self._in_packet["remaining_length"] > MOST_BYTES)

    def rename(self, client_id: str) -> None:
        """Use another client id for the next connection; paho has no method for that."""
        self._client_id = client_id.encode()

    def release(self) -> None:
        """Close all sockets: paho leaves the pair that wakes its loop to the garbage collector."""
        self._reset_sockets()

    def _ssl_wrap_socket(self, tcp_sock: socket.socket) -> ssl.SSLSocket:
        """Like paho's method, which leaves the socket open if the certificate is not trusted."""
        context = cast("ssl.SSLContext", self._ssl_context)
        wrapped = context.wrap_socket(tcp_sock, server_hostname=self._host, do_handshake_on_connect=False)
        try:
            wrapped.settimeout(self._connect_timeout)
            wrapped.do_handshake()
        except BaseException:
            wrapped.close()
            raise
        return wrapped

    def _sock_recv(self, bufsize: int) -> bytes:
        if self.is_oversized:
            del self._in_packet["packet"][_KEPT:]
        return super()._sock_recv(min(bufsize, _PIECE))

    def _packet_handle(self) -> MQTTErrorCode:
        if self.is_oversized:
            del self._in_packet["packet"][_KEPT:]
        return super()._packet_handle()


def no_delay(_client: paho.Client, _data: object, connection: object) -> None:
    """Send each packet immediately. Otherwise every QoS 1 round trip waits 40 ms for a delayed acknowledgement."""
    # A publish on another thread that fails at this moment removes paho's socket.
    if isinstance(connection, socket.socket):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The session of a client at the broker.

    The broker keeps messages for the client for `seconds` after a lost connection. With `keeps`, a message arrives
    again on the next connection until it was acknowledged.
    """

    client_id: str
    seconds: int = 0
    keeps: bool = False
    will: Will | None = None


class Wire:
    """paho's client, a new one for each tried version of MQTT; `bind` sets the callbacks of each.

    For the connection's thread. `client` may be used on any. Raises `CAFileError`.
    """

    def __init__(
        self,
        address: BrokerAddress,
        session: Session,
        dialect: Dialect,
        *,
        ca_file: str,
        bind: Callable[[BoundedClient], None],
    ) -> None:
        self._address = address
        self._session = session
        self._dialect = dialect
        self._tls = tls.trusting(ca_file) if address.tls else None
        self._client_id = session.client_id
        self._bind = bind
        self.client = self._make()

    def open(self) -> None:
        """Connect; raises OSError, or AttributeError and ValueError if another thread closes the socket meanwhile."""
        host, port = self._address.host, self._address.port
        if not self._dialect.is_mqtt_5:
            self.client.connect(host, port, _KEEPALIVE)
            return
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = self._session.seconds
        properties.MaximumPacketSize = DECLARED_BYTES
        clean = self._session.seconds == 0
        self.client.connect(host, port, _KEEPALIVE, clean_start=clean, properties=properties)

    def work(self, seconds: float) -> bool:
        """Send and receive for at most so long, and pass on what arrived; returns whether the connection still exists."""
        is_there = self.client.loop(seconds) == MQTTErrorCode.MQTT_ERR_SUCCESS
        self.client.work_off()
        return is_there

    def rejected(self) -> None:
        """Handle a refused connection: try another version, unless this one has worked before."""
        if self._dialect.rejected():
            self.client.release()
            self.client = self._make()

    def rename(self) -> None:
        """Use another client id, because another client has the same, for example with a copy of the data folder."""
        self._client_id = f"{self._client_id.partition('~')[0]}~{secrets.token_hex(4)}"
        self.client.rename(self._client_id)

    def _make(self) -> BoundedClient:
        client = BoundedClient(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            protocol=self._dialect.version,
            # MQTT 5 says so when it connects.
            clean_session=None if self._dialect.is_mqtt_5 else self._session.seconds == 0,
            manual_ack=self._session.keeps,
        )
        client.max_inflight_messages_set(WINDOW * 2)  # `Outgoing` limits the number of unconfirmed messages
        if self._address.username is not None:
            client.username_pw_set(self._address.username, self._address.password)
        if self._tls is not None:
            client.tls_set_context(self._tls)
        will = self._session.will
        if will is not None:
            client.will_set(will.topic, will.payload, qos=1, retain=True)
        client.on_socket_open = no_delay
        self._bind(client)
        return client
