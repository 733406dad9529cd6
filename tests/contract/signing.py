"""Twilio's signature, written a second time: tests must not use the code that they test."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

Pairs = Sequence[tuple[str, str]]


def sign(token: str, url: str, pairs: Pairs = (), algorithm: str = "sha1") -> str:
    """The signature of a request to `url` with the form `pairs`."""
    text = url
    for name in sorted({name for name, _ in pairs}):
        text += "".join(name + value for value in sorted({value for other, value in pairs if other == name}))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), getattr(hashlib, algorithm)).digest()).decode()
