"""A WSGI application on an address."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable
from typing import Any

import gevent
import gevent.pool
import gevent.pywsgi
import structlog

from twilio_binding.webhooks.listening import listen
from twilio_binding.webhooks.server.handler import RequestHandler

_log = structlog.get_logger(__name__)

_SENDING = 15.0
"""Seconds for a request to arrive; Twilio gives up sooner, a slow client never would."""
_LOOKS = 10
"""How often within that time the server looks for requests that have not arrived: no timer for each request."""
_PAUSE = 0.1
"""Seconds until the next try to accept a connection, after there was no room, or no file descriptor."""
_FRESH = 1.0
"""Seconds for which a connection may be silent while others wait for its place, because a request may be on its way."""
_CLEARED = 100
"""Minimum number of silent connections a second that make room, however few connections there are."""
_NO_FILES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class _Server(gevent.pywsgi.WSGIServer):  # type: ignore[misc]  # gevent has no types
    """Closes the connection that has been idle longest if all connections are in use; requests in progress stay.

    Cuts off a request that has not arrived after `sending` seconds.
    """

    is_closing = False

    def __init__(
        self, listener: socket.socket, application: Callable[..., Any], connections: int, *, sending: float
    ) -> None:
        self.handlers: set[RequestHandler] = set()
        pool = gevent.pool.Pool(connections)
        super().__init__(listener, application, handler_class=RequestHandler, spawn=pool, log=None, error_log=None)
        self.full = self._is_full
        self._fresh = min(_FRESH, connections / _CLEARED)
        self._again = self.loop.timer(_PAUSE)
        self._sending = sending
        self.looking = self.loop.timer(sending / _LOOKS, sending / _LOOKS)

    def cut_late(self) -> None:
        """Cut off the requests that take too long to arrive."""
        latest = time.monotonic() - self._sending
        for handler in tuple(self.handlers):
            if handler.phase == "arriving" and handler.since < latest:
                handler.cut()

    def do_read(self) -> object:
        try:
            accepted: object = super().do_read()
        except OSError as error:
            if error.errno in self.fatal_errors:
                raise
            if error.errno in _NO_FILES:
                _log.error("http.no_open_files_left", connections=len(self.handlers))
                self._make_room()
                self.stop_accepting()
            return None
        return accepted

    def _is_full(self) -> bool:
        is_full: bool = self.pool.full()
        if is_full:
            self._make_room()
        return is_full

    def _make_room(self) -> None:
        """Close one connection; if all are new or in use, check again soon."""
        latest = time.monotonic() - self._fresh
        waiting = [handler for handler in self.handlers if handler.phase != "served" and handler.since < latest]
        if waiting:
            silent = min(waiting, key=lambda handler: handler.since)
            (silent.let_go if silent.phase == "idle" else silent.cut)()
        if not self._again.active:
            self._again.close()  # a restarted timer continues with its remaining time, which is zero
            self._again = self.loop.timer(_PAUSE)
            self._again.start(self._start_accepting_if_started)


class WebServer:
    """A WSGI application on one address, with at most `connections` connections.

    A request that has not arrived after `sending` seconds is cut off.
    """

    def __init__(
        self, application: Callable[..., Any], host: str, port: int, *, connections: int, sending: float = _SENDING
    ) -> None:
        listener = listen(host, port)
        listener.settimeout(0)
        shown = f"[{host}]" if ":" in host else host
        self.address = f"{shown}:{listener.getsockname()[1]}"
        self._server = _Server(listener, application, connections, sending=sending)

    def start(self) -> None:
        """Accept connections."""
        self._server.start()
        self._server.looking.start(self._server.cut_late)

    def stop(self, until: float) -> None:
        """Accept no more; requests in progress may finish until then, and are cut off a second later at most."""
        self._server.is_closing = True
        self._server.close()
        while len(self._server.pool) and time.monotonic() < until:
            for handler in tuple(self._server.handlers):
                handler.let_go()
            gevent.sleep(0.01)
        self._server.stop(timeout=0)
        self._server.looking.close()
