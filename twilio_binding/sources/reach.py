"""Decides which addresses a source may be fetched from."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence

from twilio_binding.media.ports import NotMediaError, SourceError
from twilio_binding.sources.addresses import AllowedHosts, is_address, is_this_machine
from twilio_binding.sources.hops import FAILED, Hop
from twilio_binding.sources.own import OwnPages

Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, the preferred one first; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Reach:
    """Resolves names, and permits allowed addresses that show none of our own pages."""

    def __init__(self, allowed: AllowedHosts, own: OwnPages, *, resolve: Resolve = resolve) -> None:
        self._allowed = allowed
        self._own = own
        self._resolve = resolve

    def check(self, hop: Hop) -> None:
        """Check whether anything can be fetched from there; raises `SourceError`. Names are not resolved."""
        if is_address(hop.host):
            self._allow(hop, [hop.host], "")
        elif is_this_machine(hop.host):
            self._allow(hop, ["127.0.0.1"], "")

    def addresses(self, hop: Hop) -> list[str]:
        """The addresses to fetch from, the preferred one first; raises `SourceError` if there are none."""
        try:
            found = self._resolve(hop.host, hop.port)
        except (OSError, UnicodeError):
            raise SourceError(FAILED, f"{hop.host}: unknown host name") from None
        return self._allow(hop, found, FAILED)

    def _allow(self, hop: Hop, found: Sequence[str], text: str) -> list[str]:
        """The allowed addresses; raises `SourceError` with `text`, "" for the reason itself."""
        allowed = [each for each in found if self._allowed.allows(hop.host, each, named=hop.is_named)]
        if not allowed:
            reason = f"{hop.host}: not an allowed host (see media.allowed_hosts)"
            raise SourceError(text or reason, reason)
        never = self._own.why_never(hop, allowed)
        if never:
            raise NotMediaError(text or never, never)
        return allowed
