"""Connections to exactly the address that was checked, with an overall time limit."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import Any

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class TimeOverError(OSError):
    """The time limit of a fetch has passed."""


class Watch:
    """Cuts all connections after so many seconds, because a server that sends a byte now and then would never time out."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self.is_over = False
        self._timer = threading.Timer(seconds, self.cut)
        self._timer.name = "source-watch"
        self._timer.daemon = True
        self._timer.start()

    def left(self) -> float:
        """The remaining seconds; raises `TimeOverError` if there are none."""
        left = self._until - time.monotonic()
        if self.is_over or left <= 0:
            raise TimeOverError("the time is over")
        return left

    def hold(self, connected: socket.socket) -> None:
        """Cut this connection, too, at the time limit."""
        with self._lock:
            self._sockets.append(connected)
            is_late = self.is_over
        if is_late:
            self.cut()

    def cut(self) -> None:
        """Cut all connections now."""
        with self._lock:
            self.is_over = True
            held, self._sockets = self._sockets, []
        for connected in held:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """End the watch."""
        self._timer.cancel()
        self._timer.join()


class PinnedAdapter(HTTPAdapter):
    """Connects to `address`, whatever `host` resolves to now; TLS still expects `host`."""

    def __init__(self, host: str, address: str, watch: Watch) -> None:
        self._host = host
        self._address = address
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        self.poolmanager.pool_classes_by_scheme = _pools(watch)

    def build_connection_pool_key_attributes(
        self,
        request: PreparedRequest,
        verify: Any,
        cert: Any = None,
    ) -> Any:
        """The target of the connection, and its TLS settings."""
        attributes: Any = super().build_connection_pool_key_attributes(request, verify, cert)
        where, how = attributes
        where["host"] = self._address
        if where["scheme"] == "https":
            how |= {"server_hostname": self._host, "assert_hostname": self._host if verify else False}
        return where, how


def _pools(watch: Watch) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            watch.hold(self.sock)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            watch.hold(self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
