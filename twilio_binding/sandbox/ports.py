"""Ports for servers that come back on the same one."""

from __future__ import annotations

import random
import socket

_FIRST, _LAST = 20_000, 32_000
"""Below what systems give to outgoing connections: else one of those might have it while its server is down."""


def free_port() -> int:
    """A port on loopback that nobody uses now."""
    while True:
        port = random.randint(_FIRST, _LAST)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
