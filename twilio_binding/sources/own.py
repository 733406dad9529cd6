"""Blocks media URLs of this service's pages and of openHAB's REST API."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection, Sequence
from ipaddress import IPv4Address, ip_address
from posixpath import normpath
from urllib.parse import unquote, urlsplit

from twilio_binding.sources.addresses import unwrapped
from twilio_binding.sources.hops import Hop

Resolve = Callable[[str, int], Sequence[str]]


class OwnPages:
    """Recognises the pages by the connected address. `listening_on` returns those of this service, as host:port.

    Otherwise everybody with the URL could see them; and openHAB shows its items to anybody on the network.
    """

    def __init__(self, *, listening_on: Collection[str], openhab: str, resolve: Resolve) -> None:
        self._listening_on = listening_on
        self._openhab = urlsplit(openhab)
        self._resolve = resolve

    def why_never(self, hop: Hop, addresses: Sequence[str]) -> str:
        """Why nothing is fetched from there; "" if it is not one of these pages."""
        ports = {int(address.rpartition(":")[2]) for address in self._listening_on}
        if hop.port in ports and any(map(_is_this_machine, addresses)):
            return f"{hop.host}:{hop.port} is this service, whose own pages are never fetched"
        if self._is_rest(hop) and self._is_openhab(addresses):
            return f"{hop.host}: openHAB's REST API is never fetched; createItemMediaUrl gives the picture of an item"
        return ""

    def _is_rest(self, hop: Hop) -> bool:
        path, root = _plain(urlsplit(hop.url).path), _plain(self._openhab.path)
        return any(f"{path}/".startswith(f"{start.rstrip('/')}/rest/") for start in ("", root))

    def _is_openhab(self, addresses: Sequence[str]) -> bool:
        try:
            known = self._resolve(self._openhab.hostname or "", self._openhab.port or 80)
        except (OSError, UnicodeError):
            known = []
        bare = {unwrapped(ip_address(each)) for each in known}
        is_here = any(map(_is_this_machine, known))
        return any(unwrapped(ip_address(each)) in bare or (is_here and _is_this_machine(each)) for each in addresses)


def _plain(path: str) -> str:
    """A path in the form that servers use in the end: decoded, without dots, empty segments and parameters."""
    decoded = unquote(unquote(path)).replace("\\", "/").lower()
    bare = "/".join(segment.partition(";")[0] for segment in decoded.split("/"))
    return normpath(f"/{bare.lstrip('/')}")


def _is_this_machine(address: str) -> bool:
    """Whether an address belongs to this machine: only those can be listened on."""
    found = unwrapped(ip_address(address))
    family = socket.AF_INET if isinstance(found, IPv4Address) else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(found), 0))
        except OSError:
            return False
    return True
