"""A camera on the local network, which misbehaves in many ways."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

PICTURE = b"\x89PNG picture of the door"
BODIES = {
    "login": b"\xef\xbb\xbf\r\n<!DOCTYPE html>\n<html><head><title>Login</title></head></html>",
    "bare": b"<Html><body>Please log in</body></Html>",
    "xml": b'<?xml version="1.0"?><error>not authorized</error>',
    "soap": b"<SOAP-ENV:Envelope><fault/></SOAP-ENV:Envelope>",
    "json": b'{"error": {"code": -6, "detail": "please login first"}}',
    "words": b"Please log in",
    "empty": b"",
    "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00 picture of the door",
    "png": b"\x89PNG\r\n\x1a\n\x00 picture of the door",
    "webp": b"RIFF\x10\x00\x00\x00WEBPVP8 picture",
    "mp4": b"\x00\x00\x00\x18ftypisom film of the door",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "other": b"\x00\x01\x02 something",
}
_REALM = "camera"
_NONCE = "dcd98b7102dd2f0e8b11d0f600bfb0c093"


class Camera:
    """Serves PICTURE on any path, or does what the path says. `asked` are the requested paths."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.asked: list[str] = []
        self.authorizations: list[str] = []
        self.shots = 0
        self.open = threading.Event()
        self.open.set()
        self.over = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    camera: ClassVar[Camera]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.camera.asked.append(self.path)
        self.camera.authorizations.append(self.headers.get("Authorization", ""))
        with suppress(OSError):
            word, _, rest = self.path.strip("/").partition("/")
            getattr(self, f"_{word}", self._picture)(rest)

    def _picture(self, _: str, kind: str = "image/png", length: int | None = None) -> None:
        self.camera.open.wait(60)
        self.camera.shots += 1
        body = PICTURE + str(self.camera.shots).encode()
        self.send_response(200)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        if length is not None:
            self.close_connection = True

    def _typeless(self, rest: str) -> None:
        self._picture(rest, kind="")

    def _body(self, rest: str) -> None:
        name, _, kind = rest.partition("/")
        self.send_response(200)
        if kind:
            self.send_header("Content-Type", kind.replace("~", "/"))
        self.send_header("Content-Length", str(len(BODIES[name])))
        self.end_headers()
        self.wfile.write(BODIES[name])

    def _slow(self, rest: str) -> None:
        self.camera.open.wait(60)
        self._body(rest)

    def _stream(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=--frame")
        self.end_headers()
        while not self.camera.over.wait(0.05):
            self.wfile.write(b"----frame\r\nContent-Type: image/jpeg\r\n\r\n" + BODIES["jpeg"])

    def _cut(self, rest: str) -> None:
        self._picture(rest, length=1000)

    def _huge(self, rest: str) -> None:
        self._picture(rest, length=10**9)

    def _endless(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        while not self.camera.over.is_set():
            self.wfile.write(b"x" * 10_000)

    def _drip(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        while not self.camera.over.wait(0.05):
            self.wfile.write(b"x")

    def _status(self, rest: str) -> None:
        self.send_response(int(rest))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _to(self, rest: str) -> None:
        self.send_response(302)
        self.send_header("Location", rest.replace("~", "/").replace("(", "["))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _loop(self, rest: str) -> None:
        self._to(f"~loop~{int(rest or 0) + 1}")

    def _basic(self, rest: str) -> None:
        expected = "Basic " + base64.b64encode(b"admin:s3cret").decode()
        if self.headers.get("Authorization") == expected:
            self._picture(rest)
        else:
            self._challenge(f'Basic realm="{_REALM}"')

    def _digest(self, rest: str) -> None:
        given = dict(re.findall(r'(\w+)="?([^",]+)"?', self.headers.get("Authorization", "")))
        if given.get("response") == _digest_response(given, self.path):
            self._picture(rest)
        else:
            self._challenge(f'Digest realm="{_REALM}", nonce="{_NONCE}", qop="auth", algorithm=MD5')

    def _challenge(self, how: str) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", how)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _digest_response(given: dict[str, str], path: str) -> str:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    secret = md5(f"admin:{_REALM}:s3cret")
    middle = ":".join([_NONCE, given.get("nc", ""), given.get("cnonce", ""), given.get("qop", "")])
    return md5(f"{secret}:{middle}:{md5(f'GET:{path}')}")


@contextmanager
def camera() -> Iterator[Camera]:
    """A running camera."""

    class Handler(_Handler):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.camera = Camera(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield Handler.camera
    finally:
        Handler.camera.over.set()
        Handler.camera.open.set()
        server.shutdown()
        server.server_close()
        thread.join(30)


@contextmanager
def camera_that_is_off() -> Iterator[str]:
    """The URL of a camera that does not answer: connections to it are never made."""
    with socket.socket() as listener, ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):  # its queue is full
            one = waiting.enter_context(socket.socket())
            one.settimeout(0)
            one.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/snapshot.jpg"
