"""Free ports for servers that can restart on the same port."""

from __future__ import annotations

import random
import socket
from collections import deque

_FIRST, _LAST = 20_000, 32_000
"""Below the range for outgoing connections, so that no connection takes the port while its server is down."""
_given: deque[int] = deque(maxlen=1000)
"""Ports that were handed out: their servers may not have started yet, or may be down for a moment."""


def free_port() -> int:
    """A port on loopback that is not in use, and that this process was not given before."""
    while True:
        port = random.randint(_FIRST, _LAST)
        if port in _given:
            continue
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        _given.append(port)
        return port
