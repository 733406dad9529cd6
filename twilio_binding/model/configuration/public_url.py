"""Checks the public URL of an account."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote, unquote, urlsplit

from twilio_binding.protocol.errors import TwilioBindingError

_NONE = "not a base URL; use the form https://my.domain.com"
_NAMES_AT_HOME = ("localhost", ".localhost", ".local", ".lan", ".home", ".home.arpa", ".internal", ".fritz.box")
_HOST = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:@/]+)(?P<port>:[0-9]{1,5})?")


class PublicURLError(TwilioBindingError):
    """A text that is not a public URL; says why, without the text, which may hold a password."""

    code = "bad_public_url"


def read_public_url(text: str) -> tuple[str, str]:
    """The URL without a slash at the end and without `user:password@`, and user and password, escaped, or ""."""
    scheme, separator, rest = text.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        raise PublicURLError(_NONE)
    if re.search(r"[\s?#\\\x00-\x1f\x7f]", text):
        raise PublicURLError(
            f"{_NONE}; in a password, escape special characters, for example ? as %3F" if "@" in text else _NONE
        )
    netloc, slash, path = rest.partition("/")
    login, _, address = netloc.rpartition("@")
    if "@" in path.partition("/")[0] and not login:
        raise PublicURLError(f'{_NONE}; in a user or password, write "/" as %2F')
    if "/twilio/callback" in slash + path:
        raise PublicURLError("this is more than the base URL; remove /twilio/callback and everything after it")
    return f"{scheme.lower()}://{_address(address)}{slash}{path}".rstrip("/"), _login(login)


def doubts(url: str) -> str:
    """Why Twilio probably cannot or should not use a public URL; "" if nothing is wrong."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if _is_at_home(host):
        return f"Twilio cannot reach {host} from the internet; give the address of your reverse proxy or tunnel"
    if url.startswith("http://"):
        return "texts and numbers are sent unencrypted; use https://"
    return ""


def _is_at_home(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host.endswith(_NAMES_AT_HOME) or "." not in host


def _address(address: str) -> str:
    """Host and port, with the host in DNS form."""
    found = _HOST.fullmatch(address)
    if not found:
        raise PublicURLError(_NONE)
    host, port = found["host"], found["port"] or ""
    try:
        if host.startswith("["):
            ipaddress.IPv6Address(host[1:-1])
        elif not host.isascii():
            host = host.encode("idna").decode("ascii")
    except ValueError:
        raise PublicURLError(_NONE) from None
    if port and not 0 < int(port[1:]) <= 65535:
        raise PublicURLError(_NONE)
    return host + port


def _login(login: str) -> str:
    user, colon, password = login.partition(":")
    return quote(unquote(user), safe="") + colon + quote(unquote(password), safe="")
