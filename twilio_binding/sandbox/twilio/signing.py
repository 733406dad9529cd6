"""X-Twilio-Signature from Twilio's description, independent of the SDK with which the service verifies it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlsplit

Form = dict[str, str | list[str]]


def requested_url(url: str) -> str:
    """The URL that is requested: without the fragment, which has Twilio's connection settings."""
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
    """The signature of a POST of `form` to `url`; of a GET if the form is empty."""
    text = url
    for name in sorted(form):
        value = form[name]
        text += "".join(name + each for each in (sorted(set(value)) if isinstance(value, list) else [value]))
    return base64.b64encode(hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()).decode()
