"""Contract, section 8: the service's own pages and openHAB's REST are never fetched, whatever leads there."""

from __future__ import annotations

import socket

import pytest

from twilio_binding.sources import OwnPages
from twilio_binding.sources.hops import first_hop

_NAMES = {"openhab.example": ["192.0.2.5"], "localhost": ["::1", "127.0.0.1"]}


def own_pages(openhab: str = "http://localhost:8080") -> OwnPages:
    """Those of a service on two ports."""
    return OwnPages(
        listening_on=["127.0.0.1:8765", "[::1]:8766"], openhab=openhab, resolve=lambda host, _: _NAMES.get(host, [])
    )


def _lan_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no address but loopback")
        return str(probe.getsockname()[0])


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "::1%lo", "::ffff:127.0.0.1", "lan"])
@pytest.mark.parametrize("port", [8765, 8766])
def test_listeners(address: str, port: int) -> None:
    """The ports of the listeners are theirs at every address of this machine, and under every name."""
    address = _lan_address() if address == "lan" else address
    hop = first_hop(f"http://whatever.example:{port}/metrics")
    assert "whose own pages are never fetched" in own_pages().why_never(hop, ["203.0.113.9", address])


@pytest.mark.parametrize(
    ("url", "address"),
    [("http://127.0.0.1:1984/api/frame.jpeg", "127.0.0.1"), ("http://192.0.2.9:8765/metrics", "192.0.2.9")],
)
def test_what_may_be_fetched(url: str, address: str) -> None:
    """Other ports of this machine, and the same ports of another one, are none of these pages."""
    assert own_pages().why_never(first_hop(url), [address]) == ""


@pytest.mark.parametrize(
    ("openhab", "url", "address"),
    [
        ("http://localhost:8080", "http://127.0.0.1:8080/rest/items", "127.0.0.1"),
        ("http://localhost:8080", "https://[::1]:8443/rest/items", "::1"),
        ("http://localhost:8080", "http://x:8080/rest", "lan"),
        ("http://openhab.example:8080", "https://192.0.2.5:8443/rest/items", "192.0.2.5"),
        ("http://openhab.example:8080", "http://x/a/%2e%2e/rest/items/Door/state", "::ffff:192.0.2.5"),
        ("https://openhab.example/home", "https://openhab.example/home/rest/items", "192.0.2.5"),
        ("https://openhab.example/home/", "https://openhab.example/rest/items", "192.0.2.5"),
    ],
)
def test_rest(openhab: str, url: str, address: str) -> None:
    """OpenHAB's REST is recognised on every port and address of its machine, also below another path."""
    address = _lan_address() if address == "lan" else address
    assert "openHAB's REST API is never fetched" in own_pages(openhab).why_never(first_hop(url), [address])


@pytest.mark.parametrize(
    ("openhab", "url", "address"),
    [
        ("http://openhab.example:8080", "http://192.0.2.5:8080/restaurant.jpg", "192.0.2.5"),
        ("http://openhab.example:8080", "http://192.0.2.5:8080/ipcamera/rest/x.jpg", "192.0.2.5"),
        ("http://openhab.example:8080", "http://192.0.2.6:8080/rest/picture.jpg", "192.0.2.6"),
        ("http://unknown.example:8080", "http://192.0.2.6:8080/rest/picture.jpg", "192.0.2.6"),
    ],
)
def test_what_is_not_rest(openhab: str, url: str, address: str) -> None:
    """Other pages of openHAB's web server, and other servers, are not its REST."""
    assert own_pages(openhab).why_never(first_hop(url), [address]) == ""
