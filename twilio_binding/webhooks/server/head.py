"""The head of an HTTP request, read strictly: anything that two programs could read differently is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote_to_bytes

MAX_LINE = 8192
_MAX_HEADERS = 100
_MAX_HEAD = 64 * 1024
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
"""A `token` of HTTP's grammar."""
_REQUEST_LINE = re.compile(rf"({_WORD}) ([\x21-\x7e]+) HTTP/(\d\.\d)\r\n")
_HEADER = re.compile(rf"({_WORD}):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*\r\n")
_LENGTH = re.compile(r"[0-9]{1,15}")
_OF_THE_BODY = ("content-length", "content-type")
_ONCE = (*_OF_THE_BODY, "transfer-encoding", "host")
_OF_THE_CONNECTION = frozenset(("connection", "upgrade", "keep-alive", "te", "trailer", "http2-settings"))
"""Headers that do not concern the application: Werkzeug would take a request for a WebSocket."""


class BadRequestError(ValueError):
    """A request that is not HTTP/1.x, with the status of the answer; the text contains nothing from the client."""

    def __init__(self, reason: str, status: str = "400 Bad Request") -> None:
        super().__init__(reason)
        self.status = status


class Reader(Protocol):
    """The source of a request."""

    def readline(self, size: int, /) -> bytes:
        """The next line, up to so many bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A request line with its headers. `content_length` is None if the request has no body, or a chunked one.

    `environ` is the WSGI environment. `close`: the client wants the connection closed after the answer.
    `expects_continue`: it waits for "100 Continue" before it sends the body.
    """

    method: str
    target: str
    version: str
    environ: dict[str, str]
    content_length: int | None
    chunked: bool
    close: bool
    expects_continue: bool


def read_head(line: str, reader: Reader) -> Head:
    """Read the rest of a head whose first line is `line`; raises `BadRequestError`."""
    if len(line) >= MAX_LINE:
        raise BadRequestError("the request line is too long", "414 URI Too Long")
    words = _REQUEST_LINE.fullmatch(line)
    if words is None or not words[3].startswith("1."):
        raise BadRequestError("not HTTP/1.1; it may be TLS or another protocol")
    version = "1.0" if words[3] == "1.0" else "1.1"
    headers: dict[str, list[str]] = {}
    for name, value in _headers(reader):
        headers.setdefault(name, []).append(value)
    for name in _ONCE:
        if len(headers.get(name, ())) > 1:
            raise BadRequestError(f"more than one {name} header")
    length, coding = headers.get("content-length", [""])[0], headers.get("transfer-encoding", [None])[0]
    if coding is not None and (coding.lower() != "chunked" or "content-length" in headers or version == "1.0"):
        raise BadRequestError(
            "the length of the body is not clear: a transfer-encoding of another kind, or a second one"
        )
    if "content-length" in headers and not _LENGTH.fullmatch(length):
        raise BadRequestError("the content-length is not a number")
    wishes = _tokens(headers, "connection")
    return Head(
        method=words[1],
        target=words[2],
        version=version,
        environ=_environ(words[1], words[2], version, headers),
        content_length=int(length) if length else None,
        chunked=coding is not None,
        close="close" in wishes or (version == "1.0" and "keep-alive" not in wishes),
        expects_continue=version == "1.1" and "100-continue" in _tokens(headers, "expect"),
    )


def _tokens(headers: dict[str, list[str]], name: str) -> set[str]:
    """The words in a header with a list, in lower case."""
    return {word.strip().lower() for value in headers.get(name, ()) for word in value.split(",")}


def _environ(method: str, target: str, version: str, headers: dict[str, list[str]]) -> dict[str, str]:
    """The WSGI environment of a request, without headers of the connection, and without those that become ambiguous there."""
    path, _, query = target.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "REQUEST_URI": target,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": f"HTTP/{version}",
    }
    for name, values in headers.items():
        if name not in _OF_THE_CONNECTION and "_" not in name:
            key = name.upper().replace("-", "_")
            environ[key if name in _OF_THE_BODY else f"HTTP_{key}"] = ("; " if name == "cookie" else ",").join(values)
    return environ


def _headers(reader: Reader) -> Iterator[tuple[str, str]]:
    size = 0
    for number in range(_MAX_HEADERS + 1):
        line = reader.readline(MAX_LINE)
        size += len(line)
        if line == b"\r\n":
            return
        if not line:
            raise BadRequestError("the request ends within its headers")
        if number == _MAX_HEADERS or size > _MAX_HEAD or len(line) >= MAX_LINE:
            raise BadRequestError("too many headers, or too long ones", "431 Request Header Fields Too Large")
        header = _HEADER.fullmatch(line.decode("latin-1"))
        if header is None:
            raise BadRequestError("a header is malformed")
        yield header[1].lower(), header[2]
