"""Sockets that listen for webhooks; a module of its own, because the doctor listens in the same way without a server."""

from __future__ import annotations

import socket

from twilio_binding.protocol.errors import TwilioBindingError

_BACKLOG = 1024


class ListenError(TwilioBindingError):
    """The address of a server cannot be used, mostly because another program listens there."""

    code = "cannot_listen"


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; with `::` also for IPv4, unless the system says otherwise. Raises `ListenError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Longer answers are several packets; without this, the last one waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ListenError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    listener.listen(_BACKLOG)
    return listener
