"""The WSGI servers. The only module, with the process's entry, that knows gevent."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from typing import Any

import gevent
import gevent.lock
import gevent.pool
import gevent.pywsgi

from twilio_binding.errors import TwilioBindingError

_BACKLOG = 1024
_SILENCE = 30.0
"""For how many seconds a connection may be silent, between requests and within one."""


class ListenError(TwilioBindingError):
    """The address of a server cannot be used, mostly because something else listens there."""

    code = "cannot_listen"


class _Handler(gevent.pywsgi.WSGIHandler):  # type: ignore[misc]  # gevent has no types
    """Hands the raw request target on, because Twilio signs it as it was sent; writes no access log."""

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        environ["REQUEST_URI"] = self.path
        return environ

    def handle(self) -> None:
        self.socket.settimeout(_SILENCE)
        # Who hangs up before the answer, or says nothing more, is no error of ours.
        with contextlib.suppress(OSError):
            super().handle()

    def handle_one_response(self) -> None:
        self.server.under_way += 1
        try:
            super().handle_one_response()
        finally:
            self.server.under_way -= 1

    def log_request(self) -> None:
        """Nothing: the log tells of events, and URLs hold secrets."""


class WebServer:
    """A WSGI application on one address, with at most `connections` connections."""

    def __init__(self, application: Callable[..., Any], host: str, port: int, *, connections: int) -> None:
        listener = _listen(host, port)
        shown = f"[{host}]" if ":" in host else host
        self.address = f"{shown}:{listener.getsockname()[1]}"
        pool = gevent.pool.Pool(connections)
        self._server = gevent.pywsgi.WSGIServer(
            listener, application, handler_class=_Handler, spawn=pool, log=None, error_log=None
        )
        self._server.under_way = 0

    def start(self) -> None:
        """Accept connections."""
        self._server.start()

    def stop(self, *, drain: float = 5.0) -> None:
        """Accept no more, and give requests under way `drain` seconds to end."""
        self._server.close()
        deadline = time.monotonic() + drain
        while self._server.under_way and time.monotonic() < deadline:
            gevent.sleep(0.01)
        # What is left are idle keep-alive connections, which never end by themselves.
        self._server.stop(timeout=0)


class Gate:
    """Lets `number` at a time pass; the others wait."""

    def __init__(self, number: int) -> None:
        self._free = gevent.lock.BoundedSemaphore(number)

    def is_full(self) -> bool:
        """Whether the next one would have to wait."""
        return bool(self._free.locked())

    def __enter__(self) -> None:
        """Pass, as soon as that is possible."""
        self._free.acquire()

    def __exit__(self, *_: object) -> None:
        """Let the next one pass."""
        self._free.release()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # pywsgi writes head and body apart; without this each answer waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ListenError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    listener.listen(_BACKLOG)
    listener.settimeout(0)
    return listener
