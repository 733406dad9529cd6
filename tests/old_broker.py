"""A proxy in front of a broker that refuses MQTT 5, like a broker that only supports 3.1.1."""

from __future__ import annotations

import socket

from tests.forwarder import Forwarder

_REFUSED = bytes((0x20, 2, 0, 1))
"""CONNACK: unacceptable protocol version."""


class OldBroker(Forwarder):
    """Forwards connections that speak MQTT 3.1.1 to a port of this machine, and refuses the others."""

    name = "old-broker"

    @property
    def url(self) -> str:
        """The URL of the broker."""
        return f"mqtt://127.0.0.1:{self.port}"

    def greet(self, near: socket.socket) -> tuple[socket.socket, bytes]:
        """Read the version."""
        greeting = near.recv(4096)
        if len(greeting) > 8 and greeting[8] == 5:
            near.sendall(_REFUSED)
            raise OSError("it speaks MQTT 5")
        return near, greeting
