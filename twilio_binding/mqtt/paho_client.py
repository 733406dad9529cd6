"""paho's client, where it has to be another one: sockets, TLS, the client id, and messages that are too long."""

from __future__ import annotations

import socket
import ssl
from typing import cast

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode

MOST_BYTES = 256 * 1024
"""The largest packet that is read as a whole: four times the largest request."""
DECLARED_BYTES = 4 * MOST_BYTES
"""What a broker with MQTT 5 is told; it sends no larger packet. Between the two a message is refused with its topic."""
_KEPT = 128 * 1024
"""What is kept of a larger one, so that its topic can be told and its receipt can be sent; too long for every topic."""
_PIECE = 64 * 1024


class BoundedClient(paho.Client):
    """Reads in pieces, and throws away what goes beyond `MOST_BYTES`."""

    @property
    def is_oversized(self) -> bool:
        """Whether the packet at hand is cut off."""
        return bool(self._in_packet["remaining_length"] > MOST_BYTES)

    def rename(self, client_id: str) -> None:
        """Connect under another client id from now on; paho has no way to change it."""
        self._client_id = client_id.encode()

    def release(self) -> None:
        """Close all sockets: paho leaves the pair that wakes its loop to the garbage collector."""
        self._reset_sockets()

    def _ssl_wrap_socket(self, tcp_sock: socket.socket) -> ssl.SSLSocket:
        """As paho's, which leaves the socket open when the certificate cannot be trusted."""
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
    """Send each packet at once, without which every QoS 1 round trip waits 40 ms for a delayed acknowledgement."""
    # A publish on another thread that fails at this moment takes paho's socket away.
    if isinstance(connection, socket.socket):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
