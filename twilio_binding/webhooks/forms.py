"""The parameters of a webhook, as Twilio signed them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from twilio_binding.webhooks.refused import RefusedError
from twilio_binding.webhooks.target import decode_pairs

FORM = "application/x-www-form-urlencoded"


class SignedParameters(dict[str, list[str]]):
    """Parameters by name with all their values, as the SDK's validator asks for them."""

    def getall(self, name: str) -> list[str]:
        """All values of a name."""
        return self[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """`signed` are the parameters that belong to the signature; `json_body` is set for a JSON request instead.

    `fields` has the first value of each name. `is_form` is False for a body that says nothing to us.
    """

    fields: dict[str, str]
    signed: SignedParameters
    json_body: str | None = None
    is_form: bool = True

    def digest(self, query: dict[str, str]) -> str:
        """Tells a request that was read in one way from the same text read in another."""
        said = [sorted(query.items()), sorted(self.fields.items()), sorted(self.signed.items())]
        return sha256(json.dumps(said).encode()).hexdigest()[:32]


def read_form(request: Request) -> Form:
    """The parameters of a POST; `RefusedError` 400 for a broken body, 413 for a large one."""
    try:
        raw = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise RefusedError(413, "Request too large") from None
    try:
        body = raw.decode()
    except UnicodeDecodeError:
        raise RefusedError(400, "Invalid form: not UTF-8") from None
    if request.mimetype == FORM or not body:
        signed = SignedParameters()
        for name, value in decode_pairs(body):
            signed.setdefault(name, []).append(value)
        return Form(fields={name: values[0] for name, values in signed.items()}, signed=signed)
    if request.mimetype == "application/json":
        return _json(body)
    return Form(fields={}, signed=SignedParameters(), is_form=False)


def read_query(pairs: dict[str, str]) -> Form:
    """The parameters of a GET: they are in the URL, so the signature has none of its own."""
    return Form(fields=pairs, signed=SignedParameters())


def _json(body: str) -> Form:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        return Form(fields={}, signed=SignedParameters(), json_body=body, is_form=False)
    fields = {key: value if isinstance(value, str) else json.dumps(value) for key, value in parsed.items()}
    return Form(fields=fields, signed=SignedParameters(), json_body=body)
