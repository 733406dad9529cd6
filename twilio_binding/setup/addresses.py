"""Reads addresses as people write them: without a scheme, copied from a browser, or in the form of other programs."""

from __future__ import annotations

import ipaddress
import re

_SCHEME = re.compile(r"(?i)([a-z][a-z0-9+.-]*):/{1,3}(?!/)")
_QUOTES = ('""', "''", "<>")
_OF_BROKER = {"tcp": "mqtt", "ssl": "mqtts", "tls": "mqtts"}
"""Schemes that openHAB and others use for a broker."""


def openhab_url(text: str) -> str:
    """The URL of an openHAB: scheme and port are added, and parts that only a browser needs are removed."""
    scheme, rest = _split(text)
    address, slash, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
    host, port = _host(address)
    if not scheme:
        scheme = "https" if port in (":443", ":8443") else "http"
        port = port or ":8080"
    return f"{scheme}://{host}{port}{slash}{path}".rstrip("/")


def unquoted(text: str) -> str:
    """The text without blanks and quotes around it, which are easily copied with a token or an address."""
    text = text.strip()
    return text[1:-1].strip() if len(text) > 1 and text[0] + text[-1] in _QUOTES else text


def with_parents(url: str) -> list[str]:
    """The URL, and its parents up to the root of the server: openHAB may be at each."""
    scheme, separator, rest = url.partition("://")
    parts = rest.split("/")
    return [f"{scheme}{separator}{'/'.join(parts[:count])}" for count in range(len(parts), 0, -1)]


def broker_url(text: str) -> str:
    """The URL of a broker: without a scheme, MQTT, or MQTT over TLS if the port suggests it."""
    scheme, rest = _split(text)
    login, at, address = rest.rpartition("@")
    host, port = _host(address.rstrip("/"))
    scheme = _OF_BROKER.get(scheme, scheme) or ("mqtts" if port == ":8883" else "mqtt")
    return f"{scheme}://{login}{at}{host}{port}"


def public_url(text: str) -> str:
    """A public URL: a host name with a domain and no scheme becomes https."""
    scheme, rest = _split(text)
    scheme = scheme or ("https" if "." in rest.partition("/")[0] else "")
    return f"{scheme}://{rest}".rstrip("/") if scheme else rest


def _split(text: str) -> tuple[str, str]:
    """The scheme, "" for none, and the rest, without quotes around both."""
    text = unquoted(text)
    found = _SCHEME.match(text)
    return (found[1].lower(), text[found.end() :]) if found else ("", text.lstrip("/"))


def _host(address: str) -> tuple[str, str]:
    """Host and `:port`, "" for none; an IPv6 address gets brackets."""
    login, at, place = address.rpartition("@")
    try:
        return f"{login}{at}[{ipaddress.IPv6Address(place)}]", ""
    except ValueError:
        host, colon, port = place.rpartition(":")
    return (f"{login}{at}{host}", colon + port) if host and "]" not in port else (address, "")
