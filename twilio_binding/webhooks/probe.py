"""Answers the doctor's probes of the public URL: only this service can, and only for somebody with the secret of its data folder.

A probe is a form like Twilio's with a `Proof`, which signs its `Text`. The answer says what arrived, and is signed,
too. For everybody else, the path does not exist.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from io import BytesIO
from secrets import token_hex
from typing import Any

from flask import Request, Response

from twilio_binding.model.things import ThingsSource
from twilio_binding.protocol import signing
from twilio_binding.protocol.errors import Refusal
from twilio_binding.webhooks.forms import Target, read_body, read_form
from twilio_binding.webhooks.signature import is_genuine

PROBE = "probe"
"""The endpoint of probes, beside those of webhooks."""
PLAIN = "text/plain; charset=utf-8"


class ProbeDesk:
    """Answers each probe that is signed with `secret` once; `instance` is new with each start of the process."""

    def __init__(self, secret: str, things: ThingsSource) -> None:
        self._secret = secret
        self._things = things
        self._gate = signing.SignatureGate(secret)
        self.instance = token_hex(8)

    def answer(self, asked: Request, target: Target) -> Response | None:
        """The answer to a probe, None if the request is not a probe; raises `RefusedError` if the body is not a form."""
        if asked.method != "POST":
            return None
        body = read_body(asked.environ)
        asked.environ["wsgi.input"] = BytesIO(body)  # if it is not a probe, the body is read again
        form = read_form(body, asked.environ.get("CONTENT_TYPE", ""))
        try:
            text, proof = form.fields.get("Text", "").encode(), form.fields.get("Proof", "")
            nonce = self._gate.admit(PROBE, text, proof, time.time())
        except (Refusal, ValueError):
            return None
        environ = asked.environ
        phone = self._things.current().phones.get(target.thing)
        signature = environ.get("HTTP_X_TWILIO_SIGNATURE", "")
        account = self._things.current().account_of(phone) if phone else None
        told = {
            "instance": self.instance,
            "target": environ.get("REQUEST_URI") or "",
            "headers": dict(asked.headers),
            "genuine": account is not None and is_genuine(account, target, form, signature=signature),
            "client": environ.get("REMOTE_ADDR", ""),
        }
        body = json.dumps(told).encode()
        return Response(signing.sign_answer(self._secret, nonce, 200, body).encode() + b"\n" + body, content_type=PLAIN)


def proof(secret: str, text: str) -> tuple[str, str]:
    """The `Proof` of a probe with this `Text`, and the nonce for which its answer is signed."""
    nonce = signing.new_nonce()
    return signing.sign(secret, PROBE, text.encode(), now=time.time(), nonce=nonce), nonce


def read_answer(secret: str, nonce: str, content: bytes) -> Mapping[str, Any] | None:
    """The content of an answer; None unless somebody with the secret gave it to this probe."""
    signature, _, body = content.partition(b"\n")
    if not signing.is_answer(secret, nonce, 200, body, signature.decode("ascii", "replace")):
        return None
    told: Mapping[str, Any] = json.loads(body)
    return told
