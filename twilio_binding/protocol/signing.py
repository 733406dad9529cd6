"""Signatures between service and script: each request is carried out once, and only the script can answer it."""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from functools import cache

from .errors import Refusal

VERSION = 1
HEADER = "X-Twilio-Bridge"
"""The header with `sign` in a request, and with `sign_answer` in its answer."""
WINDOW = 60.0
"""Maximum difference of the two clocks, in seconds."""
MAX_BYTES = 1 << 20


def new_nonce() -> str:
    """A text that no request has used."""
    return os.urandom(12).hex()


def sign(secret: str, call: str, body: bytes, *, now: float, nonce: str) -> str:
    """The header of a request; `now` is in seconds since 1970, `nonce` comes from `new_nonce`."""
    millis = str(round(now * 1000))
    return f"{VERSION}.{millis}.{nonce}.{_mac(secret, 'call', call, millis, nonce, body=body)}"


def sign_answer(secret: str, nonce: str, status: int, body: bytes) -> str:
    """The header of the answer to the request with `nonce`, "" if the nonce is unknown."""
    return f"{VERSION}.{_mac(secret, 'answer', nonce, str(status), body=body)}"


def is_answer(secret: str, nonce: str, status: int, body: bytes, header: str) -> bool:
    """Whether an answer is signed with the secret, and belongs to this request."""
    expected = sign_answer(secret, nonce, status, body)
    return hmac.compare_digest(header.encode("utf-8", "replace"), expected.encode())


class SignatureGate:
    """Admits each request that is signed with the secret once, within `WINDOW` seconds of our clock. Thread-safe."""

    def __init__(self, secret: str) -> None:
        if not secret:
            raise ValueError("the script needs a secret")
        self._secret = secret
        self._lock = threading.Lock()
        self._seen: dict[str, float] = {}

    def admit(self, call: str, body: bytes, header: str, now: float) -> str:
        """The nonce of an admitted request; raises `Refusal`."""
        if len(body) > MAX_BYTES:
            raise Refusal("too_large", f"a request can have at most {MAX_BYTES} bytes")
        version, _, rest = header.partition(".")
        if version.isdigit() and version != str(VERSION):
            raise Refusal("other_version", f"this side uses version {VERSION} of the signature")
        millis, _, rest = rest.partition(".")
        nonce, _, mac = rest.partition(".")
        expected = _mac(self._secret, "call", call, millis, nonce, body=body)
        if not hmac.compare_digest(mac.encode("utf-8", "replace"), expected.encode()):
            raise Refusal("bad_signature", "the signature does not belong to this request and this secret")
        # These are digits, because `sign` with the secret wrote them.
        if abs(int(millis) / 1000 - now) > WINDOW:
            raise Refusal(
                "clock", "the clocks of the service and of openHAB differ by more than a minute", retryable=True
            )
        self._remember(nonce, now)
        return nonce

    def _remember(self, nonce: str, now: float) -> None:
        with self._lock:
            if nonce in self._seen:
                raise Refusal("replayed", "this request has been made before")
            while self._seen and self._seen[oldest := next(iter(self._seen))] < now:
                del self._seen[oldest]
            # Twice the window, because a request signed by a clock ahead of ours stays valid for so long.
            self._seen[nonce] = now + 2 * WINDOW


def _mac(secret: str, *parts: str, body: bytes) -> str:
    mac = _keyed(secret).copy()
    mac.update("\n".join((*parts, hashlib.sha256(body).hexdigest())).encode("utf-8", "replace"))
    return mac.hexdigest()


@cache
def _keyed(secret: str) -> hmac.HMAC:
    """What all signatures with a secret begin with; in GraalPy, it takes longer than the rest."""
    return hmac.new(secret.encode(), digestmod="sha256")
