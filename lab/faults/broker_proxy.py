"""A proxy between service and broker that can cut connections and drop what the service sends."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Self


class BrokerProxy:
    """Forwards connections to a port of this machine."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._deaf = threading.Event()
        self._thread = threading.Thread(target=self._accept, name="wire", daemon=True)

    def __enter__(self) -> Self:
        """Start forwarding."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close everything."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        self._thread.join()
        for thread in self._threads:
            thread.join()

    def cut(self) -> None:
        """Cut all connections."""
        with self._lock:
            for end in self._open:
                _shut(end)

    def deafen(self) -> None:
        """Drop everything that the service sends, including acknowledgements, until `hear` is called."""
        self._deaf.set()

    def hear(self) -> None:
        """Cut the connections in which something was lost, and forward everything again."""
        self.cut()
        self._deaf.clear()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._target, 2)
            except OSError:
                near.close()
                continue
            for end in (near, far):
                end.settimeout(None)
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open |= {near, far}
            left = [1, 1]
            for source, sink, said in ((near, far, True), (far, near, False)):
                thread = threading.Thread(target=self._pump, args=(source, sink, said, left), name="wire", daemon=True)
                self._threads = [*(each for each in self._threads if each.is_alive()), thread]
                thread.start()

    def _pump(self, source: socket.socket, sink: socket.socket, said: bool, left: list[int]) -> None:  # noqa: FBT001
        try:
            while data := source.recv(65536):
                if not (said and self._deaf.is_set()):
                    sink.sendall(data)
        except OSError:
            pass
        _shut(source)
        _shut(sink)
        with self._lock:
            left.pop()
            if not left:
                self._open -= {source, sink}
                source.close()
                sink.close()


def _shut(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
