"""Understands addresses as people write them: without a scheme, as a browser shows them, or as other programs name them."""

from __future__ import annotations

import ipaddress
import re

_SCHEME = re.compile(r"(?i)([a-z][a-z0-9+.-]*):/{1,3}(?!/)")
_QUOTES = ('""', "''", "<>")
_OF_BROKER = {"tcp": "mqtt", "ssl": "mqtts", "tls": "mqtts"}
"""What openHAB and others write for a broker."""


def openhab_url(text: str) -> str:
    """The URL of an openHAB: without a scheme and a port those of openHAB, and without what only a browser needs."""
    scheme, rest = _split(text)
    address, slash, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
    host, port = _host(address)
    if not scheme:
        scheme = "https" if port in (":443", ":8443") else "http"
        port = port or ":8080"
    return f"{scheme}://{host}{port}{slash}{path}".rstrip("/")


def with_parents(url: str) -> list[str]:
    """The URL, and those above it, down to the one of the server: openHAB may be at each."""
    scheme, separator, rest = url.partition("://")
    parts = rest.split("/")
    return [f"{scheme}{separator}{'/'.join(parts[:count])}" for count in range(len(parts), 0, -1)]


def broker_url(text: str) -> str:
    """The URL of a broker: without a scheme that of MQTT, over TLS where the port says so."""
    scheme, rest = _split(text)
    login, at, address = rest.rpartition("@")
    host, port = _host(address.rstrip("/"))
    scheme = _OF_BROKER.get(scheme, scheme) or ("mqtts" if port == ":8883" else "mqtt")
    return f"{scheme}://{login}{at}{host}{port}"


def public_url(text: str) -> str:
    """A public URL: a name with a domain, and no scheme, is one of https."""
    scheme, rest = _split(text)
    scheme = scheme or ("https" if "." in rest.partition("/")[0] else "")
    return f"{scheme}://{rest}".rstrip("/") if scheme else rest


def _split(text: str) -> tuple[str, str]:
    """The scheme, "" for none, and what follows; quotes around both do not count."""
    text = text.strip()
    if len(text) > 1 and text[0] + text[-1] in _QUOTES:
        text = text[1:-1].strip()
    found = _SCHEME.match(text)
    return (found[1].lower(), text[found.end() :]) if found else ("", text.lstrip("/"))


def _host(address: str) -> tuple[str, str]:
    """Host and `:port`, "" for none; an IPv6 address in brackets, as a URL needs it."""
    login, at, place = address.rpartition("@")
    try:
        return f"{login}{at}[{ipaddress.IPv6Address(place)}]", ""
    except ValueError:
        host, colon, port = place.rpartition(":")
    return (f"{login}{at}{host}", colon + port) if host and "]" not in port else (address, "")
