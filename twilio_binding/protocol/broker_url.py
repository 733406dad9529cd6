"""The broker's URL, `mqtt[s]://[user:password@]host[:port]`."""

from __future__ import annotations

import re

from .errors import TwilioBindingError
from .values import dataclass

_ESCAPES = "in user and password, write @ as %40, : as %3A, / as %2F, # as %23, ? as %3F and % as %25"
_FORM = "must have the form mqtt://user:password@host:1883, or mqtts://host:8883 for TLS"
_BAD_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
_PLAIN = re.compile("([A-Za-z0-9._-]+):([1-9][0-9]{0,4})")
"""Host and port as most people have them: read without `urllib.parse`, which takes a tenth of the time to load the script."""


class BrokerURLError(TwilioBindingError, ValueError):
    """The URL cannot be used; the text says why, and contains neither user nor password.

    It is also a `ValueError`, because checks of settings raise that.
    """

    code = "bad_broker_url"

    def told(self, setting: str) -> str:
        """The text, with the name of the setting."""
        return f"{setting} {self}" if str(self) == _FORM else f"{setting}: {self}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Where the broker is and how to log in there; `username` is None if there is none."""

    host: str
    port: int
    tls: bool
    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        """Without user and password."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


def read_broker_url(url: str) -> BrokerAddress:
    """Read the URL; surrounding blanks and line ends are ignored. Raises `BrokerURLError`."""
    url = url.strip()
    if not url.isprintable() or any(character.isspace() for character in url):
        raise BrokerURLError("it contains a blank, a line break or an invisible character")
    scheme, separator, rest = url.partition("://")
    if scheme.lower() not in ("mqtt", "mqtts") or not separator:
        raise BrokerURLError(_FORM)
    credentials, at, place = rest.rpartition("@")
    if set(credentials) & set("@/#?") or (not at and "#" in rest):
        # After cutting at such a character, the rest would be taken for the host, and perhaps be shown.
        raise BrokerURLError(f"user and password cannot be distinguished from the host; {_ESCAPES}")
    user, password = _credentials(credentials) if at else (None, None)
    host, port = _place(place, hint=not at)
    tls = scheme.lower() == "mqtts"
    return BrokerAddress(host=host, port=port or (8883 if tls else 1883), tls=tls, username=user, password=password)


def _credentials(text: str) -> tuple[str | None, str | None]:
    if _BAD_ESCAPE.search(text):
        raise BrokerURLError(f"a % in user or password does not begin an escape; {_ESCAPES}")
    user, colon, password = text.partition(":")
    if ":" in password:
        raise BrokerURLError(f"there is more than one : before the @; {_ESCAPES}")
    if not user:
        what = "a password, but no user" if password else "an @, but no user before it"
        raise BrokerURLError(f"there is {what}; it {_FORM}")
    if "%" not in text:
        return user, password if colon else None
    from urllib.parse import unquote

    try:
        return unquote(user, errors="strict"), unquote(password, errors="strict") if colon else None
    except UnicodeDecodeError:
        raise BrokerURLError("the escapes in user or password are not UTF-8") from None


def _place(text: str, *, hint: bool) -> tuple[str, int | None]:
    """Host and port."""
    plain = _PLAIN.fullmatch(text)
    if plain is not None and int(plain[2]) < 65536:
        return plain[1].lower(), int(plain[2])
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(f"mqtt://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        # Without an @, the password may be in the place of the port.
        more = f"; {_ESCAPES}" if hint else ""
        raise BrokerURLError(f"the port must be a number from 1 to 65535{more}") from None
    if port == 0:
        raise BrokerURLError("the port must be a number from 1 to 65535")
    if not host:
        raise BrokerURLError(_FORM)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise BrokerURLError(f"nothing may follow the port; it {_FORM}")
    return host, port
