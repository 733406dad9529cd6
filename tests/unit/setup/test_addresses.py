"""Addresses in the forms that people write."""

from __future__ import annotations

import pytest

from twilio_binding.setup import addresses


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("http://192.168.1.5:8080", "http://192.168.1.5:8080"),
        ("192.168.1.5:8080", "http://192.168.1.5:8080"),
        ("192.168.1.5", "http://192.168.1.5:8080"),
        ("openhab.local", "http://openhab.local:8080"),
        ("openhab:8443", "https://openhab:8443"),
        ("openhab:443/", "https://openhab:443"),
        ("http://openhab", "http://openhab"),
        ("  HTTP://openhab:8080/  ", "http://openhab:8080"),
        ('"http://openhab:8080"', "http://openhab:8080"),
        ("<openhab:8080>", "http://openhab:8080"),
        ("http:/openhab:8080", "http://openhab:8080"),
        ("//openhab:8080", "http://openhab:8080"),
        ("http://openhab:8080/settings/things/?a=1#b", "http://openhab:8080/settings/things"),
        ("openhab:8080/basicui/app?sitemap=home", "http://openhab:8080/basicui/app"),
        ("openhab/rest/", "http://openhab:8080/rest"),
        ("::1", "http://[::1]:8080"),
        ("[fd00::5]", "http://[fd00::5]:8080"),
        ("[fd00::5]:8443", "https://[fd00::5]:8443"),
        ("https://fd00::5/", "https://[fd00::5]"),
        ("mqtt://openhab", "mqtt://openhab"),
        ("openhab:http", "http://openhab:http"),
    ],
)
def test_openhab(typed: str, meant: str) -> None:
    """OpenHAB's usual port and scheme are added; a written scheme stays, right or wrong."""
    assert addresses.openhab_url(typed) == meant


def test_pages_of_openhab() -> None:
    """A page's URL is tried as it is, then each of its parents."""
    assert addresses.with_parents("http://oh:8080/home/settings") == [
        "http://oh:8080/home/settings",
        "http://oh:8080/home",
        "http://oh:8080",
    ]
    assert addresses.with_parents("http://oh:8080") == ["http://oh:8080"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("mqtt://192.168.1.5:1883", "mqtt://192.168.1.5:1883"),
        ("192.168.1.5", "mqtt://192.168.1.5"),
        (" broker.local:1884 ", "mqtt://broker.local:1884"),
        ("broker:8883", "mqtts://broker:8883"),
        ("tcp://broker:1883", "mqtt://broker:1883"),
        ("ssl://broker:8883/", "mqtts://broker:8883"),
        ("TLS://broker", "mqtts://broker"),
        ("me:secret@broker", "mqtt://me:secret@broker"),
        ("mqtt://me:p%40ss@broker:1883", "mqtt://me:p%40ss@broker:1883"),
        ("fd00::5", "mqtt://[fd00::5]"),
        ("me@[fd00::5]:8883", "mqtts://me@[fd00::5]:8883"),
        ("ws://broker:9001", "ws://broker:9001"),
        ("http://broker:1883", "http://broker:1883"),
    ],
)
def test_broker(typed: str, meant: str) -> None:
    """Other programs write `tcp` and `ssl`; what cannot be MQTT stays unchanged, and is refused later."""
    assert addresses.broker_url(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("my.domain.com", "https://my.domain.com"),
        (" my.domain.com/oh/ ", "https://my.domain.com/oh"),
        ("http://my.domain.com", "http://my.domain.com"),
        ("me:secret@my.domain.com", "https://me:secret@my.domain.com"),
        ("home", "home"),
        ("", ""),
    ],
)
def test_public_url(typed: str, meant: str) -> None:
    """Twilio needs a name with a domain; without a scheme, https is assumed."""
    assert addresses.public_url(typed) == meant
