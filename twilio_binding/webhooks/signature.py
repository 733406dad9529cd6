"""Whether a request comes from Twilio: checks X-Twilio-Signature, and what Twilio cannot have sent even if the signature is right.

The signature covers the configured public URL, not what the server believes to be its own.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from hashlib import sha256
from itertools import permutations, product
from urllib.parse import parse_qs, parse_qsl, quote, quote_plus

from twilio.request_validator import (
    HMAC_SHA1,
    HMAC_SHA256,
    RequestValidator,
    get_signature_algorithm,
)

from twilio_binding.model.events import ENDPOINTS, message_sid
from twilio_binding.model.payloads import FIELDS
from twilio_binding.model.things import CALLBACK, Account
from twilio_binding.webhooks.forms import Form, Target
from twilio_binding.webhooks.refused import RefusedError

_MOST_IN_ANY_ORDER = 4
"""Maximum number of parameters whose order is permuted: 24 orders, each written in three ways."""
_SMALL = 16_384
"""Maximum characters of a form for which many URLs are tried; all of Twilio's forms are smaller."""
_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{27}=|[A-Za-z0-9+/]{43}=")
_WRITERS: tuple[Callable[[str], str], ...] = (quote_plus, partial(quote, safe=""), partial(quote, safe=":/?@!$'()*,;"))
_MESSAGE = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
_CALL = re.compile(r"CA[0-9a-fA-F]{32}")
_INSIDE = re.compile(r"(Message|Sms|Call|Account)Sid(?=[A-Z]{2}[0-9a-fA-F]{32})|From(?=([a-z]+:)?\+?[0-9]{3})")
"""A deciding field with its value; it may occur inside a text, but otherwise only in its place."""
_TEXTS = frozenset(
    [
        "Body",
        "ButtonText",
        "ButtonPayload",
        "ChannelMetadata",
        "FlowData",
        "AddOns",
        "Address",
        "SpeechResult",
        "StableSpeechResult",
        "UnstableSpeechResult",
        "TranscriptionText",
    ]
)


def is_genuine(account: Account, target: Target, form: Form, *, signature: str, settings: str = "") -> bool:
    """Whether Twilio signed this request for this account. In doubt, it is not genuine; never raises.

    `signature` and `settings` are the headers X-Twilio-Signature and X-Twilio-Webhooks-Signature-Settings.
    """
    if not _SIGNATURE.fullmatch(signature):
        return False
    if form.fields.get("AccountSid", account.account_sid) != account.account_sid:
        return False
    if not _is_body_unchanged(target, form):
        return False
    secrets, algorithm = _secrets(account, settings)
    validators = [RequestValidator(secret) for secret in secrets if secret]
    # Computed once, not for each URL, because a stranger may send a large form.
    written = "".join([name + value for name, values in sorted(form.signed.items()) for value in sorted(set(values))])
    return any(
        hmac.compare_digest(validator.compute_signature(url + written, {}, algorithm), signature)
        for url in _urls(account, target, is_small=len(written) < _SMALL)
        for validator in validators
    )


def sign(account: Account, url: str, fields: Mapping[str, str]) -> str:
    """The X-Twilio-Signature of a form, as Twilio computes it."""
    return str(RequestValidator(account.auth_token).compute_signature(url, dict(fields)))


def _secrets(account: Account, settings: str) -> tuple[tuple[str, ...], str]:
    """The possible secrets and their kinds: the auth tokens, or the SharedKey that the request names."""
    algorithm = get_signature_algorithm(settings).upper()
    if algorithm == HMAC_SHA1:
        return (account.auth_token, account.secondary_auth_token), HMAC_SHA1
    named = f"key={account.shared_key_id}" in (part.strip() for part in settings.split(","))
    return ((account.shared_key_secret,) if named and algorithm == HMAC_SHA256 else ()), HMAC_SHA256


def _is_body_unchanged(target: Target, form: Form) -> bool:
    """Whether a JSON body has the hash in the signed URL; with such a hash, nothing else may be sent."""
    query = parse_qs(target.raw_query, keep_blank_values=True) if target.raw_query else {}
    hashes = query.get("bodySHA256", [])
    if form.json_body is None:
        return not hashes
    actual = sha256(form.json_body.encode()).hexdigest()
    return len(hashes) == 1 and hmac.compare_digest(hashes[0].encode(), actual.encode())


def _urls(account: Account, target: Target, *, is_small: bool) -> Iterator[str]:
    """The URLs that Twilio may have signed, the most likely first: as configured, and with and without port.

    Twilio removes `user:password@` before it signs; its SDKs accept both. If there is a query, openHAB Cloud may have
    changed it in many ways; these are tried for a small form.
    """
    query = "" if target.raw_query is None else f"?{target.raw_query}"
    # Anybody can request any endpoint, of any length; so nothing is cached for unknown endpoints.
    addresses = _known_addresses if target.endpoint in ENDPOINTS else _addresses
    yield from (url + query for url in addresses(account, target.thing, target.endpoint))
    if query and account.cloud_base and is_small:
        for path in _paths(target.thing, target.endpoint):
            yield from (f"{account.cloud_base}/{path}{before}" for before in _before_the_cloud(target.raw_query or ""))


@lru_cache(maxsize=256)
def _known_addresses(account: Account, thing: str, endpoint: str) -> tuple[str, ...]:
    """The same without their query; cached for each endpoint until the account's configuration changes."""
    return _addresses(account, thing, endpoint)


def _addresses(account: Account, thing: str, endpoint: str) -> tuple[str, ...]:
    paths = _paths(thing, endpoint)
    found = [url for base in account.bases for path in paths for url in _spellings(f"{base}/{path}")]
    if account.public_login and account.public_url:
        login_base = account.with_login(account.public_url + CALLBACK)
        found += [f"{login_base}/{path}" for path in paths]
    return tuple(found)


def _paths(thing: str, endpoint: str) -> tuple[str, str]:
    return f"{thing}/{endpoint}", f"{thing.replace(':', '%3A')}/{endpoint}"


def _spellings(url: str) -> Iterator[str]:
    """A URL as it is, then without its port, or with the default port of its scheme."""
    yield url
    scheme, _, rest = url.partition("://")
    address, slash, path = rest.partition("/")
    host, colon, port = address.rpartition(":")
    if colon and port.isdigit() and (":" not in host or host.endswith("]")):
        yield f"{scheme}://{host}{slash}{path}"
    elif "@" not in address or not port.isdigit():
        yield f"{scheme}://{address}:{443 if scheme == 'https' else 80}{slash}{path}"


def _before_the_cloud(raw_query: str) -> Iterator[str]:
    """Possible queries before openHAB Cloud parsed the query, and its connector built another one.

    Neither keeps the order or the escapes, and an empty query may come from none.
    """
    pairs = parse_qsl(raw_query, keep_blank_values=True)
    if not pairs:
        yield ""
    elif len(pairs) <= _MOST_IN_ANY_ORDER:
        for order, write in product(permutations(pairs), _WRITERS):
            yield "?" + "&".join(f"{write(name)}={write(value)}" for name, value in order)


def reading(form: Form, query: Mapping[str, str]) -> str:
    """Distinguishes one reading of a request from another reading of the same text."""
    said = [sorted(query.items()), sorted(form.signed.items() or form.fields.items())]
    return sha256(json.dumps(said).encode()).hexdigest()[:32]


def check(endpoint: str, form: Form) -> None:
    """Raise `RefusedError` 400 for a signed request without a SID, or with fields not as Twilio writes them.

    The signature covers names and values without separators, so a captured request can be split in another way and
    still be signed. So names that decide something must be where Twilio puts them.
    """
    fields = form.fields
    if endpoint in ("sms", "whatsapp") and not _MESSAGE.fullmatch(message_sid(fields)):
        raise RefusedError(400, "Invalid form: no MessageSid")
    if endpoint in ("voice", "gather") and not _CALL.fullmatch(fields.get("CallSid", "")):
        raise RefusedError(400, "Invalid form: no CallSid")
    if endpoint == "status":
        sids = ((_MESSAGE, fields.get("MessageSid")), (_CALL, fields.get("CallSid")))
        if any(sid and not kind.fullmatch(sid) for kind, sid in sids):
            raise RefusedError(400, "Invalid form: malformed SID")
    absent = tuple([name for name in FIELDS[endpoint] if name not in form.signed])
    for name, values in form.signed.items():
        if len(values) > 1 and (name == "AccountSid" or name in FIELDS[endpoint]):
            raise RefusedError(400, "Invalid form: repeated field")
        for value in values:
            if _is_moved(name, name + value, absent):
                raise RefusedError(400, "Invalid form: field out of place")


def _is_moved(name: str, written: str, absent: tuple[str, ...]) -> bool:
    """Whether the border between this name and its value, or to the next name, differs from Twilio's."""
    if written.startswith(absent):
        return True
    if name in _TEXTS or not ("Sid" in written or "From" in written):  # the pattern needs one of them
        return False
    return any(found.end() != len(name) for found in _INSIDE.finditer(written))
