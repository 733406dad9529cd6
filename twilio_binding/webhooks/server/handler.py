"""One connection of a client, and the requests on it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from io import BufferedReader
from types import TracebackType
from typing import Any, Literal

import gevent
import gevent.pywsgi
import structlog

from twilio_binding.webhooks.server.head import MAX_LINE, BadRequestError, Head, read_head

_log = structlog.get_logger(__name__)

_SILENCE = 30.0
"""Seconds for which a connection may be silent, between requests and within one."""
_MOST_LEFT = 256 * 1024
"""Maximum bytes of an unread body that are discarded to keep the connection."""
_HEADER = b"\r\n%b: %b"
_FIRST_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz\r\n")

Phase = Literal["idle", "arriving", "served"]


class Body(gevent.pywsgi.Input):  # type: ignore[misc]  # gevent has no types
    """The body of a request, which knows when it is complete. `spoilt`: no further request can follow."""

    def __init__(self, head: Head, reader: BufferedReader, sock: socket.socket, arrived: Callable[[], None]) -> None:
        waiting = sock if head.expects_continue else None
        super().__init__(reader, head.content_length, socket=waiting, chunked_input=head.chunked)
        self._arrived = arrived
        self.spoilt = False

    def is_here(self) -> bool:
        """Whether all of it arrived with the head, as nearly always with Twilio's requests."""
        if self.chunked_input or self.socket is not None:
            return False
        return not self.content_length or len(self.rfile.peek(1)) >= self.content_length

    def read(self, size: int | None = None) -> bytes:
        """At most `size` bytes; `OSError` if it is malformed or cut off."""
        try:
            data: bytes = super().read(size)
        except (OSError, ValueError):
            self.spoilt = True
            raise OSError("the body is malformed, or was cut off") from None
        is_over = not self.chunked_input and self.position >= (self.content_length or 0)
        if is_over or not data or size is None:
            self._arrived()
        return data

    def _discard(self) -> None:
        """Discard what the application did not read; nothing that the client was not asked for, and only a limited amount."""
        if self.spoilt or not (self.chunked_input or self.position < (self.content_length or 0)):
            return
        self.spoilt = self.socket is not None
        left = 0 if self.spoilt else _MOST_LEFT
        while left > 0 and (data := self.read(16_384)):
            left -= len(data)
        self.spoilt = left <= 0


class RequestHandler(gevent.pywsgi.WSGIHandler):  # type: ignore[misc]  # gevent has no types
    """Passes on the raw request target, because Twilio signs it as sent; writes no access log."""

    phase: Phase = "idle"
    since = 0.0

    def handle(self) -> None:
        """Serve the requests of this connection until it ends."""
        self.socket.settimeout(_SILENCE)
        self._enter("idle")
        self.server.handlers.add(self)
        try:
            # A client that disconnects before the answer, or falls silent, is not our error.
            with suppress(OSError):
                super().handle()
        finally:
            self.server.handlers.discard(self)

    def handle_one_request(self) -> tuple[str, bytes] | bool | None:
        """Serve one request; returns True if another one may follow, None if not, otherwise status and bytes of an answer."""
        try:
            line = self._request_line()
            if not line:
                return None
            self.read_request(line)
            self.environ = self.get_environ()
            self.application = self.server.application
            self.handle_one_response()
        except BadRequestError as error:
            return self._refused(error)
        if self.close_connection or self.wsgi_input.spoilt or self.rfile.closed:
            return None
        self._enter("idle")
        return True

    def read_request(self, line: str) -> None:
        """Read the head of a request whose first line is `line`."""
        self._head = read_head(line, self.rfile)
        self.requestline = line.rstrip()
        self.command, self.path = self._head.method, self._head.target
        self.request_version = f"HTTP/{self._head.version}"
        self.content_length = self._head.content_length
        self.close_connection = self._head.close

    def get_environ(self) -> dict[str, Any]:
        """The WSGI environment of the request, with its body."""
        if self.server.is_closing:
            self.close_connection = True
        self.wsgi_input = Body(self._head, self.rfile, self.socket, partial(self._enter, "served"))
        if self.wsgi_input.is_here():
            self._enter("served")
        address, port = self.client_address[:2]
        return {
            **self.server.get_environ(),
            **self._head.environ,
            "REMOTE_ADDR": str(address),
            "REMOTE_PORT": str(port),
            "wsgi.input": self.wsgi_input,
            "wsgi.input_terminated": True,
        }

    def let_go(self) -> None:
        """Expect no further request; one that has already arrived is answered."""
        if self.phase == "idle":
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RD)

    def cut(self) -> None:
        """Cut a request that takes too long to arrive: the reader finds the end of the connection."""
        with suppress(OSError, AttributeError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def handle_error(self, kind: type[BaseException], error: BaseException, traceback: TracebackType) -> None:
        """Handle an error of the application, or a client that has gone."""
        if isinstance(error, OSError | gevent.GreenletExit):
            self.close_connection = True  # the client has gone, or the server ends
        else:
            _log.error("http.failed", exc_info=(kind, error, traceback))
            self._send_error_response_if_possible(500)

    def log_request(self) -> None:
        """Log nothing: the log has its own events, and URLs contain secrets."""

    def _request_line(self) -> str:
        """The first line of the next request; "" if there is none."""
        try:
            first = self.rfile.peek(1)[:1]  # there is no time limit between requests
            if not first:
                return ""
            self._enter("arriving")
            # What does not begin like HTTP may never have a line end.
            line: bytes = self.rfile.readline(MAX_LINE) if first[0] in _FIRST_BYTES else first
            if line == b"\r\n":  # some clients send one after a body
                line = self.rfile.readline(MAX_LINE)
        except OSError:
            return ""
        return line.decode("latin-1")

    def _write_with_headers(self, data: bytes) -> None:
        """Send the head together with the beginning of the body: apart, they are two packets, and wake the client twice."""
        self.headers_sent = True
        self.finalize_headers()
        head = b"".join((b"HTTP/1.1 ", self.status, *map(_HEADER.__mod__, self.response_headers), b"\r\n\r\n"))
        if self.response_use_chunked:
            self._sendall(head)
            self._write(data)
        else:
            self._sendall(head + data)

    def _refused(self, error: BadRequestError) -> tuple[str, bytes]:
        _log.warning("http.malformed", reason=str(error), client=str(self.client_address[0]))
        body = f"{error.status[4:]}\n"
        head = f"HTTP/1.1 {error.status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
        return error.status[:3], f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()

    def _enter(self, phase: Phase) -> None:
        self.phase, self.since = phase, time.monotonic()
