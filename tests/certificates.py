"""Certificates for tests, made with openssl, and a server that speaks TLS in front of another."""

from __future__ import annotations

import socket
import ssl
import subprocess
from pathlib import Path

from tests.forwarder import Forwarder


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Authority:
    """A certificate authority; `file` is its certificate."""

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


class TLSServer(Forwarder):
    """Speaks TLS, and forwards to a port of this machine."""

    name = "tls-server"

    def __init__(self, port: int, certificate: Path, key: Path) -> None:
        super().__init__(port)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)

    def greet(self, near: socket.socket) -> tuple[socket.socket, bytes]:
        """Shake hands."""
        return self._context.wrap_socket(near, server_side=True), b""
