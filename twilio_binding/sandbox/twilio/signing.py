"""X-Twilio-Signature, written from Twilio's description and not with its SDK, which the receiver uses to check it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlsplit

Form = dict[str, str | list[str]]


def requested_url(url: str) -> str:
    """The URL that is asked for: without the fragment, which holds Twilio's connection settings."""
    return url.partition("#")[0]


def signed_url(url: str, *, voice: bool) -> str:
    """The URL that is signed: without credentials, and for calls over HTTPS without a port."""
    parts = urlsplit(url)
    netloc = parts.netloc.rpartition("@")[2]
    if voice and parts.scheme == "https" and parts.port is not None:
        netloc = netloc.rpartition(":")[0]
    before = len(parts.scheme) + len("://")
    return url[:before] + netloc + requested_url(url)[before + len(parts.netloc) :]


def sign(url: str, form: Form, auth_token: str) -> str:
    """The signature of a POST of `form`, or with an empty form of a GET, to an URL that is signed as it stands."""
    text = url
    for name in sorted(form):
        value = form[name]
        text += "".join(name + each for each in (sorted(set(value)) if isinstance(value, list) else [value]))
    return base64.b64encode(hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()).decode()
