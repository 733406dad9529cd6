"""The line to the broker: address, login, TLS, last will and session, in the version of MQTT that the broker knows."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from twilio_binding import tls
from twilio_binding.mqtt.dialect import Dialect
from twilio_binding.mqtt.messages import Will
from twilio_binding.mqtt.outgoing import WINDOW
from twilio_binding.mqtt.paho_client import DECLARED_BYTES, BoundedClient, no_delay
from twilio_binding.protocol.broker_url import BrokerAddress

_KEEPALIVE = 20
"""Seconds between signs of life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the broker knows a client by.

    It keeps what comes for the client for `seconds` after the connection broke. With `keeps` a message comes again on the
    next connection until it was acknowledged.
    """

    client_id: str
    seconds: int = 0
    keeps: bool = False
    will: Will | None = None


class Wire:
    """paho's client, and a new one for each version of MQTT that is tried; `bind` is given each, to set its callbacks.

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
        """Connect; raises OSError, or AttributeError and ValueError where another thread closes the socket meanwhile."""
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
        """Send and receive for so long at most; whether the connection is still there."""
        return self.client.loop(seconds) == MQTTErrorCode.MQTT_ERR_SUCCESS

    def rejected(self) -> None:
        """The broker did not greet: try another version, unless it has greeted in this one before."""
        if self._dialect.rejected():
            self.client.release()
            self.client = self._make()

    def rename(self) -> None:
        """Take another client id: somebody has the same, as one with a copy of the data folder has."""
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
        client.max_inflight_messages_set(WINDOW * 2)  # how many are under way is decided in `Outgoing`
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
