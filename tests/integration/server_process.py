"""A web server in its own process, and raw connections to it."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from twilio_binding.sandbox.service_process import SEEDS

_PROGRAM = """
import gevent.monkey
gevent.monkey.patch_all()
import signal, sys, threading, time
from twilio_binding import logs
from twilio_binding.webhooks.server import WebServer

def application(environ, start_response):
    body = environ["wsgi.input"].read() if environ["REQUEST_METHOD"] != "PUT" else b""
    time.sleep(float(environ.get("HTTP_X_HOLD", "0")))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{len(body)} bytes".encode()]

logs.configure()
server = WebServer(application, "127.0.0.1", 0, connections=int(sys.argv[1]), sending=float(sys.argv[2]))
server.start()
print(server.address, flush=True)
over = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: over.set())
over.wait()
server.stop(time.monotonic() + 5)
"""

Address = tuple[str, int]


@contextmanager
def serving(
    *, connections: int = 20, sending: float = 0.5, log: Path | None = None, prefix: tuple[str, ...] = ()
) -> Iterator[tuple[subprocess.Popen[str], Address]]:
    """A server that answers each request with the length of its body, after the seconds in the header `X-Hold`."""
    command = [*prefix, sys.executable, "-c", _PROGRAM, str(connections), str(sending)]
    with (
        open(log or "/dev/null", "wb") as errors,  # noqa: PTH123 - either
        subprocess.Popen(command, cwd=SEEDS, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        assert process.stdout is not None
        host, _, port = process.stdout.readline().strip().rpartition(":")
        try:
            yield process, (host, int(port))
        finally:
            process.terminate()


def exchange(address: Address, request: bytes, *, timeout: float = 15) -> bytes:
    """Send bytes and read until the server closes the connection, or is silent for a moment after an answer."""
    data = b""
    with socket.create_connection(address, timeout=timeout) as connection, suppress(OSError):
        connection.sendall(request)
        while piece := connection.recv(65_536):
            data += piece
            connection.settimeout(0.25 if _is_whole(data) else 2)  # head and body come one after the other
    return data


def _is_whole(data: bytes) -> bool:
    head, _, body = data.rpartition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head[head.rfind(b"HTTP/1.1 ") :])
    return bool(head) and (length is None or len(body) >= int(length[1]))
