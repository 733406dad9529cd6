"""One signed call of the script inside openHAB."""

from __future__ import annotations

import time
from typing import Protocol

from twilio_binding.errors import DependencyDownError
from twilio_binding.protocol import signing
from twilio_binding.protocol.calls import decode_refusal


class Line(Protocol):
    """A connection to openHAB."""

    def call_script(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str]:
        """Post to the script's servlet; returns status, body and signature, or raises `DependencyDownError`."""


class UnsignedAnswerError(DependencyDownError):
    """Something answered that does not know the secret; `refusal` is the code if the answer is a refusal."""

    def __init__(self, status: int, refusal: str) -> None:
        super().__init__(f"it answers {status} without the right signature")
        self.refusal = refusal


def signed_call(secret: str, line: Line, path: str, call: str, body: bytes) -> bytes:
    """Carry out a call; returns its answer. Raises `DependencyDownError`, or `Refusal` if the script refuses it."""
    nonce = signing.new_nonce()
    header = signing.sign(secret, call, body, now=time.time(), nonce=nonce)
    status, answer, signature = line.call_script(f"{path}/{call}", body, {signing.HEADER: header})
    # a refusal may have been created before the nonce was known
    nonces = (nonce,) if status == 200 else (nonce, "")
    if not any(signing.is_answer(secret, known, status, answer, signature) for known in nonces):
        raise UnsignedAnswerError(status, decode_refusal(answer).code)
    if status != 200:
        raise decode_refusal(answer)
    return answer
