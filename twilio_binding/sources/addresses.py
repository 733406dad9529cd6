"""Decides which addresses may be fetched from."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network

_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
_NEVER = tuple(
    map(
        ip_network,
        [
            *("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4"),
            *("::/96", "fe80::/10", "ff00::/8", "2001::/32"),
            # Metadata addresses of clouds outside the link-local networks, which reveal credentials.
            *("100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "fd00:ec2::254/128", "fd20:ce::254/128"),
        ],
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")


class AllowedHosts:
    """Private networks, and the `listed` hosts, addresses and networks.

    A listed name may lead to any address except this machine's own. Link-local addresses, and metadata addresses of
    clouds, are never allowed, even if listed.
    """

    def __init__(self, listed: Iterable[str] = ()) -> None:
        self._names: set[str] = set()
        self._networks: list[_Network] = []
        for entry in listed:
            try:
                self._networks.append(ip_network(entry.strip("[]"), strict=False))
            except ValueError:
                self._names.add(entry.lower().rstrip("."))

    def allows(self, host: str, address: str, *, named: bool) -> bool:
        """Whether `address`, to which `host` resolves, may be fetched from.

        This machine is allowed only if the rule itself `named` it, not through a redirect or somebody else's host name.
        """
        found = unwrapped(ip_address(address))
        if _is_in(found, _NEVER) and not found.is_loopback:
            return False
        if _is_in(found, self._networks):
            return True
        if found.is_loopback:
            return named and is_this_machine(host)
        return _is_in(found, _PRIVATE) or host.lower().rstrip(".") in self._names


def is_address(host: str) -> bool:
    """Whether the host in a URL is an address, and not a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_this_machine(host: str) -> bool:
    """Whether the host in a URL names this machine."""
    try:
        return unwrapped(ip_address(host)).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def unwrapped(address: Address) -> Address:
    """The IPv4 address in an IPv6 address that only wraps one, without a zone."""
    if isinstance(address, IPv4Address):
        return address
    address = IPv6Address(int(address))
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address


def _is_in(address: Address, networks: Iterable[_Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
