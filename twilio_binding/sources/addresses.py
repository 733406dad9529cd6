"""Which addresses may be fetched from."""

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
            # What clouds tell their machines, credentials among it, outside the link-local networks.
            *("100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "fd00:ec2::254/128", "fd20:ce::254/128"),
        ],
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")


class AllowedHosts:
    """Private networks, and what `listed` names: hosts, addresses, networks.

    A listed name may lead to any address but this machine's own. Link-local addresses and those where a cloud tells
    its machines their secrets are never allowed, listed or not.
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
        """Whether `address`, to which `host` leads, may be fetched from.

        This machine itself may be only where the rule itself `named` it: no redirect and no name of somebody else's
        leads there.
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
    """Whether a host of a URL is an address, and no name that may lead anywhere."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_this_machine(host: str) -> bool:
    """Whether a host of a URL says that it is this machine."""
    try:
        return unwrapped(ip_address(host)).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def unwrapped(address: Address) -> Address:
    """The IPv4 address where an IPv6 address only wraps one, and no zone."""
    if isinstance(address, IPv4Address):
        return address
    address = IPv6Address(int(address))
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address


def _is_in(address: Address, networks: Iterable[_Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
