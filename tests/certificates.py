"""Certificates for tests, made with openssl, and a server that speaks TLS in front of another."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Authority:
    """An authority of one's own; `file` is its certificate."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.file = folder / "ca.pem"
        self._key = folder / "ca.key"
        subject = ("-subj", "/CN=an authority of one's own", "-days", "30")
        _openssl(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(self._key), "-out", str(self.file), *subject
        )

    def certificate(self, name: str, *, host: str = "127.0.0.1", days: int = 30) -> tuple[Path, Path]:
        """Certificate and key of a server; `days` below zero for one that has expired."""
        certificate, key, request = (self._folder / f"{name}.{kind}" for kind in ("pem", "key", "csr"))
        more = self._folder / f"{name}.ext"
        alternative = "IP" if host[:1].isdigit() else "DNS"
        more.write_text(f"subjectAltName={alternative}:{host}\n")
        subject = ("-subj", f"/CN={host}")
        _openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(request), *subject)
        signing = ("-CA", str(self.file), "-CAkey", str(self._key), "-CAcreateserial", "-extfile", str(more))
        _openssl("x509", "-req", "-in", str(request), "-out", str(certificate), "-days", str(days), *signing)
        key.chmod(0o644)  # started by root, mosquitto works as a user of its own
        return certificate, key


class TLSServer:
    """Speaks TLS, and forwards to a port of this machine."""

    def __init__(self, port: int, certificate: Path, key: Path) -> None:
        self._target = ("127.0.0.1", port)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="tls-server", daemon=True)]

    def __enter__(self) -> Self:
        """Begin."""
        self._threads[0].start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End."""
        for end in (self._listener, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(raw,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, raw: socket.socket) -> None:
        try:
            near = self._context.wrap_socket(raw, server_side=True)
        except OSError:
            raw.close()
            return
        far = socket.create_connection(self._target)
        self._ends += [near, far]
        back = threading.Thread(target=_pump, args=(far, near), daemon=True)
        self._threads.append(back)
        back.start()
        _pump(near, far)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
