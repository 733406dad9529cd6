"""The head of an HTTP request, read strictly: what two programs could read in two ways is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

MAX_LINE = 8192
_MAX_HEADERS = 100
_MAX_HEAD = 64 * 1024
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
"""A `token` of HTTP's grammar."""
_REQUEST_LINE = re.compile(rf"({_WORD}) ([\x21-\x7e]+) HTTP/(\d\.\d)\r\n")
_HEADER = re.compile(rf"({_WORD}):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*\r\n")
_LENGTH = re.compile(r"[0-9]{1,15}")
_ONCE = ("content-length", "transfer-encoding", "host", "content-type")


class BadRequestError(ValueError):
    """A request that is no HTTP/1.x, with the status to answer; the text holds nothing that the client sent."""

    def __init__(self, reason: str, status: str = "400 Bad Request") -> None:
        super().__init__(reason)
        self.status = status


class Reader(Protocol):
    """Where a request comes from."""

    def readline(self, size: int, /) -> bytes:
        """The next line, at most so many bytes of it."""


@dataclass(slots=True)
class Headers:
    """The headers of a request by their lower-case names, as gevent's handler asks for them."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    status: str = ""

    @property
    def headers(self) -> Iterator[str]:
        """Each header as a line."""
        return (f"{name}: {value}\r\n" for name, value in self.pairs)

    @property
    def typeheader(self) -> str | None:
        """The content type."""
        return self.get("content-type")

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of a header."""
        return next((value for each, value in self.pairs if each == name.lower()), default)

    getheader = get

    def tokens(self, name: str) -> set[str]:
        """The words of a header that is a list, in lower case."""
        return {word.strip().lower() for each, value in self.pairs if each == name for word in value.split(",")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A request line with its headers. `content_length` is None where the request has no body, or one in chunks.

    `close`: the client wants the connection closed after the answer. `expects_continue`: it waits for a word before it sends
    the body.
    """

    method: str
    target: str
    version: str
    headers: Headers
    content_length: int | None
    chunked: bool
    close: bool
    expects_continue: bool


def read_head(line: str, reader: Reader) -> Head:
    """Read the rest of a head that begins with `line`; raises `BadRequestError`."""
    if len(line) >= MAX_LINE:
        raise BadRequestError("the request line is too long", "414 URI Too Long")
    words = _REQUEST_LINE.fullmatch(line)
    if words is None or not words[3].startswith("1."):
        raise BadRequestError("this is no HTTP/1.1: it may be TLS, or another protocol")
    version = "1.0" if words[3] == "1.0" else "1.1"
    headers = Headers(list(_headers(reader)))
    for name in _ONCE:
        if sum(each == name for each, _ in headers.pairs) > 1:
            raise BadRequestError(f"more than one {name} header")
    length, coding = headers.get("content-length"), headers.get("transfer-encoding")
    if coding is not None and (coding.lower() != "chunked" or length is not None or version == "1.0"):
        raise BadRequestError(
            "the length of the body is not clear: a transfer-encoding of another kind, or a second one"
        )
    if length is not None and not _LENGTH.fullmatch(length):
        raise BadRequestError("the content-length is no number")
    wishes = headers.tokens("connection")
    return Head(
        method=words[1],
        target=words[2],
        version=version,
        headers=headers,
        content_length=None if length is None else int(length),
        chunked=coding is not None,
        close="close" in wishes or (version == "1.0" and "keep-alive" not in wishes),
        expects_continue=version == "1.1" and "100-continue" in headers.tokens("expect"),
    )


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
