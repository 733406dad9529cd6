"""Invalid HTTP, and HTTP that others read differently, against the real server in its own process."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.server_process import Address, exchange, serving

_GOOD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's log."""
    return tmp_path_factory.mktemp("http") / "log"


@pytest.fixture(scope="module")
def address(log: Path) -> Iterator[Address]:
    """A server whose log has, at the end, no traceback and few, short lines."""
    with serving(log=log) as (_, address):
        yield address
        assert exchange(address, _GOOD).endswith(b"3 bytes")
    text = log.read_text(encoding="utf-8")
    assert "Traceback" not in text
    assert "secret" not in text
    assert len(text.splitlines()) < 100
    assert max(map(len, text.splitlines()), default=0) < 300


def _head(*headers: bytes, line: bytes = b"POST / HTTP/1.1") -> bytes:
    return b"\r\n".join((line, b"Host: x", *headers, b"", b""))


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(b"GET /secret\r\n", id="HTTP/0.9"),
        pytest.param(b"GET / HTTP/2.0\r\n\r\n", id="HTTP/2"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2 by prior knowledge"),
        pytest.param(b"secret nonsense\r\n\r\n", id="no request line"),
        pytest.param(b"GET  / HTTP/1.1\r\n\r\n", id="two blanks"),
        pytest.param(b"GET /\x00 HTTP/1.1\r\n\r\n", id="NUL in the path"),
        pytest.param(b"GET / HTTP/1.1\nHost: x\n\n", id="bare line feeds"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03secret", id="TLS"),
        pytest.param(b"\x00" * 20, id="zeros"),
        pytest.param(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", id="long line"),
        pytest.param(_head(*(b"X-%d: 1" % n for n in range(101))), id="101 headers"),
        pytest.param(_head(*(b"X-%d: %b" % (n, b"a" * 8000) for n in range(20))), id="160 kB of headers"),
        pytest.param(_head(b"X: " + b"a" * 20_000), id="one long header"),
        pytest.param(_head(b"X: a\x00b"), id="NUL in a header"),
        pytest.param(_head(b"X: a\rb"), id="carriage return in a header"),
        pytest.param(_head(b"X : a"), id="blank before the colon"),
        pytest.param(_head(b"secret"), id="header without a colon"),
        pytest.param(_head(b"X: a", b" folded"), id="folded header"),
        pytest.param(_head(b"Content-Length: 3", b"Content-Length: 4") + b"abcd", id="two lengths"),
        pytest.param(_head(b"Content-Length: 3, 4") + b"abcd", id="two lengths in one header"),
        pytest.param(_head(b"Content-Length: +3") + b"abc", id="length with a sign"),
        pytest.param(_head(b"Content-Length: -3") + b"abc", id="negative length"),
        pytest.param(_head(b"Content-Length: 0x3") + b"abc", id="length in hex"),
        pytest.param(_head(b"Content-Length: " + b"9" * 30) + b"abc", id="length beyond all bounds"),
        pytest.param(_head(b"Content-Length: \xb2") + b"abc", id="length in superscript"),
        pytest.param(_head(b"Content-Length: 3", b"Transfer-Encoding: chunked") + b"0\r\n\r\n", id="length and chunks"),
        pytest.param(
            _head(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity") + b"0\r\n\r\n", id="two codings"
        ),
        pytest.param(_head(b"Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n", id="gzip"),
        pytest.param(_head(b"Transfer-Encoding: xchunked") + b"0\r\n\r\n", id="unknown coding"),
        pytest.param(_head(b"Host: y"), id="two hosts"),
    ],
)
def test_malformed_requests(address: Address, request_bytes: bytes) -> None:
    """Requests that are not HTTP/1.1, or whose length is ambiguous, get a 4xx, and the connection is closed."""
    answer = exchange(address, request_bytes + _GOOD)
    assert re.match(rb"HTTP/1\.1 4\d\d ", answer)
    assert answer.count(b"HTTP/1.1") == 1
    assert b"Connection: close" in answer


@pytest.mark.parametrize(
    "chunks",
    [
        b"x\r\nabc\r\n0\r\n\r\n",
        b"\r\nabc\r\n",
        b"3\nabc\r\n0\r\n\r\n",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"-3\r\nabc\r\n",
        b"f" * 40,
    ],
)
def test_malformed_chunks(address: Address, chunks: bytes) -> None:
    """A body with malformed chunks causes no traceback, and nothing after it is taken for a request."""
    answer = exchange(address, _head(b"Transfer-Encoding: chunked") + chunks + _GOOD)
    assert answer.count(b"HTTP/1.1") <= 1


def test_tls_on_the_plain_port(address: Address) -> None:
    """A TLS client immediately gets an answer that this is not TLS."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(address, timeout=30) as connection, pytest.raises(ssl.SSLError):
        context.wrap_socket(connection)


HOP_BY_HOP = [
    (b"Connection: upgrade",),
    (b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Key: eA=="),
    (b"Upgrade: websocket",),
    (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"),
    (b"Connection: keep-alive, Upgrade", b"Upgrade: TLS/1.3"),
    (b"Connection: TE", b"TE: trailers, deflate;q=0.5"),
    (b"Connection: Keep-Alive", b"Keep-Alive: timeout=5"),
    (b"Proxy-Connection: keep-alive",),
    (b"Proxy-Authorization: Basic eDp5",),
    (b"Expect: something-else",),
    (b"Connection: X-Twilio-Signature",),
    (b"Connection:",),
    (b"Trailer: X-Checksum",),
]


@pytest.mark.parametrize("headers", HOP_BY_HOP, ids=lambda headers: headers[0].decode())
@pytest.mark.parametrize("method", [b"POST", b"GET"])
def test_hop_by_hop_headers(address: Address, method: bytes, headers: tuple[bytes, ...]) -> None:
    """With any hop-by-hop header of a proxy, the request and the next one are served with their bodies."""
    request = _head(*headers, b"Content-Length: 3", line=method + b" / HTTP/1.1") + b"abc"
    answer = exchange(address, request * 2)
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.count(b"3 bytes") == 2


@pytest.mark.parametrize("headers", HOP_BY_HOP, ids=lambda headers: headers[0].decode())
def test_hop_by_hop_headers_with_chunks_and_trailers(address: Address, headers: tuple[bytes, ...]) -> None:
    """The same with chunked bodies and trailers."""
    request = _head(*headers, b"Transfer-Encoding: Chunked") + b"3;x=1\r\nabc\r\n0\r\nX-Checksum: 1\r\n\r\n"
    answer = exchange(address, request * 2)
    assert answer.count(b"3 bytes") == 2


def test_connection_close_among_others(address: Address) -> None:
    """`close` ends the connection anywhere in the list."""
    answer = exchange(address, _head(b"Connection: upgrade, close", b"Content-Length: 3") + b"abc" + _GOOD)
    assert answer.count(b"200 OK") == 1


@pytest.mark.parametrize("word", [b"100-continue", b"100-Continue"])
def test_expect_continue(address: Address, word: bytes) -> None:
    """A client that waits for "100 Continue" gets it; if nobody wants its body, it does not wait."""
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(_head(b"Expect: " + word, b"Content-Length: 3"))
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"abc")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK")
    unwanted = _head(b"Expect: " + word, b"Content-Length: 3000000", line=b"PUT / HTTP/1.1")
    assert exchange(address, unwanted).startswith(b"HTTP/1.1 200 OK")


def test_body_that_nobody_wants(address: Address) -> None:
    """Only a part of a large unwanted body is read, and the connection is not reused."""
    request = _head(b"Content-Length: 50000000", line=b"PUT / HTTP/1.1") + b"x" * 400_000
    answer = exchange(address, request)
    assert answer.count(b"HTTP/1.1 200 OK") == 1


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HT", _GOOD, _head(b"Content-Length: 5")], ids=["", "line", "kept", "body"]
)
def test_silent_connections_hold_nobody_up(sent: bytes) -> None:
    """Silent connections, up to the maximum and beyond, do not keep the next client from an answer."""
    with serving(connections=20, sending=30) as (_, address), ExitStack() as stack:
        for _ in range(25):
            connection = stack.enter_context(socket.create_connection(address, timeout=30))
            connection.sendall(sent)
        for _ in range(30):
            assert b"3 bytes" in exchange(
                address, _GOOD.replace(b"Host: x", b"Host: x\r\nConnection: close"), timeout=12
            )


def test_a_request_that_is_being_served_stays() -> None:
    """A flood of connections does not end requests in progress."""
    with serving(connections=3, sending=30) as (_, address), ExitStack() as stack:
        held = stack.enter_context(socket.create_connection(address, timeout=30))
        held.sendall(_GOOD.replace(b"Host: x", b"Host: x\r\nX-Hold: 1.5"))
        for _ in range(10):
            stack.enter_context(socket.create_connection(address, timeout=30))
        assert b"3 bytes" in exchange(address, _GOOD, timeout=12)
        assert held.recv(1000).startswith(b"HTTP/1.1 200 OK")


def test_no_open_files_left(tmp_path: Path) -> None:
    """If the system has no file descriptor left, the server survives, says so, and serves again."""
    log = tmp_path / "log"
    limited = ("prlimit", "--nofile=40:40")
    with serving(connections=500, sending=2, log=log, prefix=limited) as (process, address):
        with ExitStack() as stack:
            for _ in range(60):
                stack.enter_context(socket.create_connection(address, timeout=30)).sendall(b"GET / HT")
            assert b"3 bytes" in exchange(address, _GOOD, timeout=30)
        assert b"3 bytes" in exchange(address, _GOOD, timeout=30)
        assert process.poll() is None
    text = log.read_text(encoding="utf-8")
    assert "http.no_open_files_left" in text
    assert "Traceback" not in text
    assert len(text) < 50_000
