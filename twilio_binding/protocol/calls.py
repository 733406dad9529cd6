"""Calls of the service to the script's servlet: signed requests, each with one signed answer.

The service posts JSON to `<openHAB>/twilio/bridge/<call>`. A refusal has the status in `STATUSES` and the body
`{"error": {"code", "message", "retryable", "now"}}`; `now` is the script's clock in milliseconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from .errors import Refusal
from .json_fields import as_object, json_object, text
from .json_text import to_bytes
from .signing import SignatureGate, sign_answer
from .values import dataclass

STATUSES = {
    "malformed": 400,
    "other_version": 400,
    "bad_signature": 403,
    "clock": 403,
    "unknown_call": 404,
    "replayed": 409,
    "too_large": 413,
    "failed": 500,
    "unloading": 503,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An HTTP answer; `signature` belongs in the header for signatures."""

    status: int
    body: bytes
    signature: str


class SignedCalls:
    """Answers calls from a service that knows `secret`. `calls` has, for each call, a function that returns the answer's body.

    `unexpected` gets errors that are not refusals. Thread-safe.
    """

    def __init__(
        self, secret: str, calls: Mapping[str, Callable[[bytes], bytes]], *, unexpected: Callable[[BaseException], None]
    ) -> None:
        self._secret = secret
        self._gate = SignatureGate(secret)
        self._calls = calls
        self._unexpected = unexpected

    def answer(self, call: str, body: bytes, signature: str) -> Answered:
        """Carry out a call; always returns a signed answer."""
        nonce = ""
        try:
            nonce = self._gate.admit(call, body, signature, time.time())
            status, answer = 200, self._carry_out(call, body)
        except Refusal as refusal:
            status, answer = STATUSES.get(refusal.code, 400), encode_refusal(refusal, time.time())
        except BaseException as error:
            self._unexpected(error)
            failed = Refusal("failed", "an error occurred inside openHAB; see its log", retryable=True)
            status, answer = STATUSES[failed.code], encode_refusal(failed, time.time())
        return Answered(status=status, body=answer, signature=sign_answer(self._secret, nonce, status, answer))

    def _carry_out(self, call: str, body: bytes) -> bytes:
        if call not in self._calls:
            raise Refusal("unknown_call", "unknown call")
        return self._calls[call](body)


def encode_refusal(refusal: Refusal, now: float) -> bytes:
    """The body of a refusal."""
    error = {"code": refusal.code, "message": refusal.message, "retryable": refusal.retryable}
    return to_bytes({"error": error | {"now": round(now * 1000)}})


def decode_refusal(body: bytes) -> Refusal:
    """Read a refusal; an unreadable one becomes a refusal that says so."""
    try:
        error = as_object(json_object(body).get("error"))
        return Refusal(text(error, "code"), text(error, "message"), retryable=error.get("retryable") is True)
    except Refusal as refusal:
        return refusal
