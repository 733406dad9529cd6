"""A client of paho that keeps little of a message that is too long, whatever the broker sends."""

from __future__ import annotations

import socket
import ssl

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

    def _ssl_wrap_socket(self, tcp_sock: socket.socket) -> ssl.SSLSocket:
        """As paho's, which leaves the socket open when the certificate cannot be trusted."""
        assert self._ssl_context is not None  # noqa: S101 - there is one where TLS is used
        wrapped = self._ssl_context.wrap_socket(tcp_sock, server_hostname=self._host, do_handshake_on_connect=False)
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
