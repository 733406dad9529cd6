"""The URLs of a fetch: the requested one, and those of redirects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

import requests

from twilio_binding.media.ports import SourceError
from twilio_binding.sources.addresses import is_this_machine

FAILED = "Failed to fetch media"
_INVALID = "Invalid source URL"
_BAD = re.compile(r"[\x00-\x20\x7f<>\"{}|\\^`]")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One URL without its credentials.

    `is_named`: the rule named this machine. `is_downgraded`: a redirect left TLS.
    """

    url: str = field(repr=False)
    scheme: str
    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    is_named: bool = True
    is_downgraded: bool = False

    @property
    def netloc(self) -> str:
        """The value of the Host header."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return shown if self.port == _PORTS[self.scheme] else f"{shown}:{self.port}"

    def redirected(self, location: str) -> Hop:
        """The target of a redirect; raises `SourceError`."""
        # http.client decodes headers as Latin-1, but servers write UTF-8.
        location = location.encode("latin-1", "replace").decode("utf-8", "replace")
        try:
            parts = _split(urljoin(self.url, location.strip()))
        except ValueError:
            raise SourceError(_INVALID) from None
        is_downgraded = self.is_downgraded or (self.scheme, parts.scheme) == ("https", "http")
        is_named = self.is_named and is_this_machine(self.host)
        return _hop(parts, is_named=is_named, is_downgraded=is_downgraded)


def first_hop(url: str) -> Hop:
    """The requested URL; raises `SourceError`."""
    parts = _split(url)
    hop = _hop(parts, is_named=True, is_downgraded=False)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Hop(url=hop.url, scheme=hop.scheme, host=hop.host, port=hop.port, user=user, password=password)


def _split(url: str) -> SplitResult:
    if _BAD.search(url):
        raise SourceError(_INVALID)
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise SourceError(_INVALID) from None
    if parts.scheme not in _PORTS:
        raise SourceError("Unsupported URL scheme", f"only http and https can be fetched, not {parts.scheme:.20}")
    if not parts.hostname:
        raise SourceError(_INVALID)
    return parts


def _hop(parts: SplitResult, *, is_named: bool, is_downgraded: bool) -> Hop:
    """The hop in the form that requests uses, so that the checked URL is the requested one."""
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
    try:
        prepared = urlsplit(requests.Request("GET", bare).prepare().url or "")
        host, port = prepared.hostname, prepared.port
    except (ValueError, requests.RequestException):
        raise SourceError(_INVALID) from None
    if not host or prepared.username is not None:
        raise SourceError(_INVALID)
    return Hop(
        url=prepared.geturl(),
        scheme=prepared.scheme,
        host=host,
        port=port or _PORTS[prepared.scheme],
        is_named=is_named,
        is_downgraded=is_downgraded,
    )
