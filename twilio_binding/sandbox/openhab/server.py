"""The ports of the stand-in, served by gevent. gevent must patch the process before it imports this module."""

from __future__ import annotations

import select
import signal
from collections.abc import Callable, Iterable

import gevent
import gevent.event
import gevent.os
from gevent import socket
from gevent.pywsgi import WSGIHandler, WSGIServer

from twilio_binding.sandbox.openhab.application import Application
from twilio_binding.sandbox.openhab.control_api import ControlAPI
from twilio_binding.sandbox.openhab.control_routes import Changes, ControlRoute, Port, Reports
from twilio_binding.sandbox.openhab.hooks import Hooks
from twilio_binding.sandbox.openhab.instance import Instance
from twilio_binding.sandbox.openhab.options import OpenHABOptions

MoreControl = Callable[[Instance, Port], Iterable[ControlRoute]]
_LOOPBACK = "127.0.0.1"
_BACKLOG = 1024
_LOOK = 0.2


class ClientConnection:
    """The socket of a client, for streams and for requests that are never answered."""

    def __init__(self, handler: StandInHandler) -> None:
        self._handler = handler
        self._socket = handler.socket

    def send(self, data: bytes) -> None:
        """Send all of `data`. Afterwards, the connection serves no other request."""
        self._handler.close_connection = True
        self._socket.sendall(data)

    def hung_up(self) -> bool:
        """Whether the client has closed its side."""
        try:
            readable, _, _ = select.select([self._socket], [], [], 0)
            return bool(readable) and not self._socket.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True

    def wait(self) -> None:
        """Wait until the client hangs up or the server closes the connection."""
        self._handler.close_connection = True
        while not self.hung_up():
            gevent.sleep(_LOOK)

    def close(self) -> None:
        """Close both sides."""
        self._handler.close_connection = True
        _shut(self._socket)


class StandInHandler(WSGIHandler):  # type: ignore[misc]
    """One connection of a client. When it is idle, it is closed silently, as openHAB's Jetty does."""

    idle_timeout = 30.0

    def handle(self) -> None:
        """Serve requests until the connection ends."""
        connections = self.server.connections
        connections.add(self.socket)
        held = self.socket
        try:
            super().handle()
        finally:
            connections.discard(held)

    def read_requestline(self) -> str:
        """Wait for the next request, at most `idle_timeout` seconds."""
        self.socket.settimeout(self.server.idle_timeout)
        line: str = super().read_requestline()
        self.socket.settimeout(None)
        return line

    def get_environ(self) -> dict[str, object]:
        """The WSGI environ, with the raw path and the connection."""
        environ: dict[str, object] = super().get_environ()
        environ["REQUEST_URI"] = self.path
        environ["sandbox.connection"] = ClientConnection(self)
        return environ

    def log_request(self) -> None:
        """Log nothing, because there are thousands of requests."""


class Listener:
    """A port that can be closed and opened again. While it is closed, it stays bound, so that no other program gets it."""

    def __init__(self, host: str, port: int, idle_timeout: float) -> None:
        self.host = host
        self._idle_timeout = idle_timeout
        self._socket = self._bound(port)
        self.port: int = self._socket.getsockname()[1]
        self._server: WSGIServer | None = None
        self.application: Callable[..., object] | None = None

    @property
    def url(self) -> str:
        """The base URL of this port."""
        return f"http://{self.host}:{self.port}"

    def open(self) -> None:
        """Accept connections."""
        if self._server is not None:
            return
        self._socket.listen(_BACKLOG)
        self._server = WSGIServer(
            self._socket, self.application, handler_class=StandInHandler, log=None, error_log=None
        )
        self._server.connections = set()
        self._server.idle_timeout = self._idle_timeout
        self._server.start()

    def close(self) -> None:
        """Refuse connections and cut those that are open."""
        if self._server is None:
            return
        self._server.close()
        self.drop()
        self._server = None
        self._socket.close()
        self._socket = self._bound(self.port)

    def drop(self) -> int:
        """Close all open connections. Returns their number."""
        sockets = tuple(self._server.connections) if self._server is not None else ()
        for each in sockets:
            _shut(each)
        return len(sockets)

    def stop(self) -> None:
        """Close the port, and release it."""
        self.close()
        self._socket.close()

    def _bound(self, port: int) -> socket.socket:
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted sockets inherit this. pywsgi sends head and body separately; with Nagle, the body waits 40 ms for an ACK.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        bound.bind((self.host, port))
        return bound


class OpenHABServer:
    """A stand-in in this process, which gevent must have patched. `OpenHABStandIn` is one in a child process.

    `hooks` are called for each request. `more_control` returns further routes of the control API.
    """

    def __init__(
        self, options: OpenHABOptions, hooks: Hooks | None = None, more_control: MoreControl | None = None
    ) -> None:
        self._port = Listener(options.host, options.port, options.idle_timeout)
        self._control = Listener(_LOOPBACK, options.control_port, options.idle_timeout)
        self._instance = Instance(options, self._listen, hooks or Hooks())
        application = Application(self._instance)
        self._port.application = application
        more = more_control(self._instance, self._port) if more_control is not None else ()
        reports = Reports(self._instance, lambda: application.requests)
        changes = Changes(self._instance, self._port)
        self._control.application = ControlAPI([*more, *reports.routes(), *changes.routes()])

    @property
    def url(self) -> str:
        """The URL of openHAB."""
        return self._port.url

    @property
    def control_url(self) -> str:
        """The URL of the control API."""
        return self._control.url

    def start(self) -> None:
        """Start to listen. With a `startup_factor`, the port of openHAB opens later."""
        self._control.open()
        self._instance.start()

    def stop(self) -> None:
        """Close all ports, connections and streams."""
        self._instance.stop()
        self._port.stop()
        self._control.stop()

    def _listen(self, wanted: bool) -> None:  # noqa: FBT001 - a callback with one meaning
        if wanted:
            self._port.open()
        else:
            self._port.close()


def run(server: OpenHABServer, announce: Callable[[str, str], None], *, until_eof: bool) -> None:
    """Serve until SIGTERM, SIGINT or the end of standard input. `announce` is called with both addresses."""
    stop = gevent.event.Event()
    handlers = [gevent.signal_handler(number, stop.set) for number in (signal.SIGTERM, signal.SIGINT)]
    server.start()
    announce(server.url, server.control_url)
    watcher = gevent.spawn(_wait_for_eof, stop) if until_eof else None
    try:
        stop.wait()
    finally:
        for handler in handlers:
            handler.cancel()
        if watcher is not None:
            watcher.kill(block=False)
        server.stop()


def _wait_for_eof(stop: gevent.event.Event) -> None:
    while gevent.os.tp_read(0, 1):
        pass
    stop.set()


def _shut(held: socket.socket) -> None:
    try:
        held.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
