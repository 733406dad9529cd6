"""Free ports for servers that can restart on the same port."""

from __future__ import annotations

import random
import socket

_FIRST, _LAST = 20_000, 32_000
"""Below the range for outgoing connections, so that no connection takes the port while its server is down."""


def free_port() -> int:
    """A port on loopback that is not in use."""
    while True:
        port = random.randint(_FIRST, _LAST)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
