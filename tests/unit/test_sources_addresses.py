"""Contract, section 8: which addresses media may be fetched from, whatever name leads to them."""

from __future__ import annotations

import pytest

from twilio_binding.sources import AllowedHosts

_LISTED = ["camera.example", "198.51.100.0/24", "169.254.0.0/16", "127.0.0.1", "2001:db8::/32"]


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "172.16.0.1", "172.31.255.254", "192.168.178.20", "fd12:3456::1", "::ffff:192.168.1.1"],
)
def test_private_networks(address: str) -> None:
    """Private networks are allowed without being listed."""
    assert AllowedHosts().allows("anything.example", address, named=True)


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "169.254.1.1", "fe80::1", "100.100.100.200", "168.63.129.16", "fd00:ec2::254"),
        *("0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "ff02::1"),
        *("::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::1", "fe80::1%eth0"),
    ],
)
def test_never(address: str) -> None:
    """Link-local addresses, those where clouds tell their secrets, and none at all are never allowed, listed or not."""
    for allowed in (AllowedHosts(), AllowedHosts(_LISTED)):
        assert not allowed.allows("camera.example", address, named=True)


@pytest.mark.parametrize("address", ["203.0.113.9", "8.8.8.8", "172.32.0.1", "2606:4700::1111", "11.0.0.1"])
def test_public_addresses(address: str) -> None:
    """A public address is allowed only for a host that is listed."""
    allowed = AllowedHosts(_LISTED)
    assert not allowed.allows("elsewhere.example", address, named=True)
    assert allowed.allows("camera.example", address, named=True)
    assert allowed.allows("CAMERA.example.", address, named=True)


def test_listed_networks() -> None:
    """A listed network is allowed under any name."""
    allowed = AllowedHosts(_LISTED)
    assert allowed.allows("elsewhere.example", "198.51.100.77", named=False)
    assert allowed.allows("elsewhere.example", "2001:db8::7", named=False)
    assert not allowed.allows("elsewhere.example", "198.51.101.1", named=False)


@pytest.mark.parametrize(
    ("host", "named", "is_allowed"),
    [
        ("127.0.0.1", True, True),
        ("localhost", True, True),
        ("127.0.0.1", False, False),
        ("localhost", False, False),
        ("camera.example", True, False),
    ],
)
def test_this_machine(*, host: str, named: bool, is_allowed: bool) -> None:
    """Our own machine is allowed only where the rule named it: no redirect and no other name leads there."""
    assert AllowedHosts(["camera.example"]).allows(host, "127.0.0.1", named=named) is is_allowed
