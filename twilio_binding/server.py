"""The WSGI servers. The only module, with the process's entry, that knows gevent."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import gevent.lock
import gevent.pool
import gevent.pywsgi

_BACKLOG = 1024
_SILENCE = 30.0
"""For how many seconds a connection may be silent, between requests and within one."""


class _Handler(gevent.pywsgi.WSGIHandler):  # type: ignore[misc]  # gevent has no types
    """Hands the raw request target on, because Twilio signs it as it was sent; writes no access log."""

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        environ["REQUEST_URI"] = self.path
        return environ

    def handle(self) -> None:
        self.socket.settimeout(_SILENCE)
        super().handle()

    def log_request(self) -> None:
        """Nothing: the log tells of events, and URLs hold secrets."""


class WebServer:
    """A WSGI application on one address, with at most `connections` connections."""

    def __init__(self, application: Callable[..., Any], host: str, port: int, *, connections: int) -> None:
        listener = _listen(host, port)
        shown = f"[{host}]" if ":" in host else host
        self.address = f"{shown}:{listener.getsockname()[1]}"
        self._pool = gevent.pool.Pool(connections)
        self._server = gevent.pywsgi.WSGIServer(
            listener, application, handler_class=_Handler, spawn=self._pool, log=None, error_log=None
        )

    def start(self) -> None:
        """Accept connections."""
        self._server.start()

    def stop(self, *, drain: float = 5.0) -> None:
        """Accept no more, and give requests under way `drain` seconds to end."""
        self._server.close()
        # Idle keep-alive connections never end by themselves; requests do, their calls are answered by then.
        self._server.stop(timeout=drain)


def limit(number: int) -> AbstractContextManager[object]:
    """A gate through which `number` at a time may pass."""
    gate: AbstractContextManager[object] = gevent.lock.BoundedSemaphore(number)
    return gate


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # pywsgi writes head and body apart; without this each answer waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind((host, port))
    listener.listen(_BACKLOG)
    listener.settimeout(0)
    return listener
