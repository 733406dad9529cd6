"""The host names under which the admin listener answers."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable

_HOST = re.compile(r"(\[[\w:.%-]*\]|[^\s:@/?#\\\[\]]*)(?::\d{0,5})?")


class HostNames:
    """Protects against DNS rebinding: under a name of an attacker, the attacker's page would have the same origin as ours.

    `names` are ours, besides that of the machine. IP addresses and names without a dot always pass, because an attacker has
    no page under one that leads here.
    """

    def __init__(self, names: Iterable[str]) -> None:
        machine = socket.gethostname().lower()
        self._known = {"localhost", machine, machine.partition(".")[0] + ".local", *(name.lower() for name in names)}

    def problem(self, header: str) -> str:
        """What is wrong with a Host header, and what to do; "" if nothing is."""
        found = _HOST.fullmatch(header.lower())
        if found is None or not _is_name(found[1]):
            return "The request has an invalid host name. Use the IP address of this machine."
        host = found[1]
        if host in self._known or "." not in host.rstrip(".") or _is_address(host):
            return ""
        return f"Use the IP address of this machine, or add the name to the settings: [admin] hosts = [{host!r:.200}]"


def _is_name(host: str) -> bool:
    """Whether Flask can serve a host: one with an empty label, or a label of more than 63 characters, it cannot."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
