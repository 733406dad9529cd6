"""The WSGI servers. The only module, with the process's entry, that knows gevent."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import gevent
import gevent.lock
import gevent.pool
import gevent.pywsgi

from twilio_binding.errors import TwilioBindingError

_BACKLOG = 1024
_SILENCE = 30.0
"""For how many seconds a connection may be silent, between requests and within one."""
_SENDING = 15.0
"""For how many seconds a request may be on its way to us; Twilio gives up sooner, a slow client never would."""


class ListenError(TwilioBindingError):
    """The address of a server cannot be used, mostly because something else listens there."""

    code = "cannot_listen"


class _Body:
    """The body of a request, which tells when all of it is here."""

    def __init__(self, body: Any, arrived: Callable[[], None]) -> None:  # noqa: ANN401 - gevent has no types
        self._body = body
        self._arrived = arrived

    def read(self, size: int | None = None) -> bytes:
        data: bytes = self._body.read(size)
        is_over = not self._body.chunked_input and self._body.position >= (self._body.content_length or 0)
        if is_over or not data or size is None:
            self._arrived()
        return data

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever gevent's body has
        return getattr(self._body, name)


class _Handler(gevent.pywsgi.WSGIHandler):  # type: ignore[misc]  # gevent has no types
    """Hands the raw request target on, because Twilio signs it as it was sent; writes no access log."""

    is_idle = False

    def get_environ(self) -> dict[str, Any]:
        if self.server.is_closing:
            self.close_connection = True
        environ: dict[str, Any] = super().get_environ()
        environ["REQUEST_URI"] = self.path
        body = environ["wsgi.input"]
        if self._is_here(body, environ):
            self._hurry.stop()
        else:
            environ["wsgi.input"] = _Body(body, self._hurry.stop)
        return environ

    def _is_here(self, body: Any, environ: dict[str, Any]) -> bool:  # noqa: ANN401 - gevent has no types
        """Whether all of the request has arrived, as it has with nearly every one of Twilio's."""
        if body.chunked_input or "HTTP_EXPECT" in environ:
            return False
        return not body.content_length or len(self.rfile.peek(1)) >= body.content_length

    def read_requestline(self) -> str:
        self.is_idle = True
        self.rfile.peek(1)  # between requests there is no hurry
        self.is_idle = False
        self._hurry.start(self._cut)
        line: str = super().read_requestline()
        return line

    def handle_one_request(self) -> Any:  # noqa: ANN401 - see gevent
        try:
            return super().handle_one_request()
        finally:
            self._hurry.stop()

    def _cut(self) -> None:
        """The request takes too long to arrive: the reader finds the connection at its end."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def handle(self) -> None:
        self.socket.settimeout(_SILENCE)
        self._hurry = gevent.get_hub().loop.timer(self.server.sending)
        self.server.handlers.add(self)
        try:
            # Who hangs up before the answer, or says nothing more, is no error of ours.
            with suppress(OSError):
                super().handle()
        finally:
            self.server.handlers.discard(self)
            self._hurry.close()

    def let_go(self) -> None:
        """Between requests, expect no other one; what has arrived already is answered."""
        if self.is_idle:
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RD)

    def log_request(self) -> None:
        """Nothing: the log tells of events, and URLs hold secrets."""


class WebServer:
    """A WSGI application on one address, with at most `connections` connections.

    A request that is not here after `sending` seconds is cut off.
    """

    def __init__(
        self, application: Callable[..., Any], host: str, port: int, *, connections: int, sending: float = _SENDING
    ) -> None:
        listener = _listen(host, port)
        shown = f"[{host}]" if ":" in host else host
        self.address = f"{shown}:{listener.getsockname()[1]}"
        pool = gevent.pool.Pool(connections)
        self._server = gevent.pywsgi.WSGIServer(
            listener, application, handler_class=_Handler, spawn=pool, log=None, error_log=None
        )
        self._server.handlers = set()
        self._server.is_closing = False
        self._server.sending = sending

    def start(self) -> None:
        """Accept connections."""
        self._server.start()

    def stop(self, *, drain: float = 5.0) -> None:
        """Accept no more, and give requests under way `drain` seconds to end."""
        self._server.is_closing = True
        self._server.close()
        deadline = time.monotonic() + drain
        while len(self._server.pool) and time.monotonic() < deadline:
            for handler in tuple(self._server.handlers):
                handler.let_go()
            gevent.sleep(0.01)
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
