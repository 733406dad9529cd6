"""Sends a probe to the service, signed like Twilio's requests and with the secret of the data folder, and reads the outcome."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlencode

import urllib3

from twilio_binding.model.things import CALLBACK, Account, Phone
from twilio_binding.webhooks.probe import PROBE, proof, read_answer
from twilio_binding.webhooks.signature import sign

_PATIENCE = urllib3.Timeout(connect=6, read=10)
_MOST = 256 * 1024
_TEXT = "Grüße + 100 % = 漢字 & more"
_QUERY = f"?{urlencode({'step': 'a b', 'next': '/x'}, quote_via=quote)}"
SENT = ("X-Twilio-Signature", "I-Twilio-Idempotency-Token", "User-Agent", "Content-Type", "Accept")
"""The headers of a probe that Twilio's requests have, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOutcome:
    """The outcome of a probe: status, headers and content of the answer.

    `told` is the report of the service, None if something else answered. `target` is the path and query that should have arrived.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    told: Mapping[str, Any] | None = None
    target: str = ""


def send_probe(base: str, account: Account, phone: Phone, secret: str) -> ProbeOutcome:
    """Send a probe to a URL that begins with `base`, such as the public URL; raises urllib3's `HTTPError` and `OSError`."""
    rest = f"/{phone.uid}/{PROBE}{_QUERY}"
    proved, nonce = proof(secret, _TEXT)
    fields = {"AccountSid": account.account_sid, "Text": _TEXT, "Proof": proved}
    headers = {
        "X-Twilio-Signature": sign(account, f"{account.base_url}{rest}", fields),
        "I-Twilio-Idempotency-Token": nonce,
        "User-Agent": "TwilioProxy/1.1",
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "Accept": "*/*",
    }
    if account.public_login and base == account.base_url:
        headers |= urllib3.make_headers(basic_auth=unquote(account.public_login))
    with urllib3.PoolManager(timeout=_PATIENCE, retries=False, ssl_context=ssl.create_default_context()) as pool:
        answer = pool.request(
            "POST", f"{base}{rest}", body=urlencode(fields), headers=headers, redirect=False, preload_content=False
        )
        try:
            content = answer.read(_MOST)
        finally:
            answer.close()
    told = read_answer(secret, nonce, content) if answer.status == 200 else None
    return ProbeOutcome(
        status=answer.status, headers=dict(answer.headers), content=content, told=told, target=f"{CALLBACK}{rest}"
    )
