"""Reads what Twilio requested: thing and endpoint in the path, and the parameters as Twilio signed them."""

from __future__ import annotations

import json
import re
from binascii import a2b_qp
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from twilio_binding.webhooks.refused import RefusedError

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, WSGIEnvironment

MAX_BODY_BYTES = 256 * 1024
PREFIX = "/twilio/callback/"
MEDIA = f"{PREFIX}media/"
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_BAD_PATH = re.compile(r"//|;|%2[Ff]|/\.{1,2}(/|$)")
FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The request target: `thing` and `endpoint` decoded, `raw_query` without its question mark, None if there is none."""

    thing: str
    endpoint: str
    raw_query: str | None


def is_media(method: str, uri: str) -> bool:
    """Whether it is a media URL."""
    return method in ("GET", "HEAD") and uri.startswith(MEDIA)


def read_target(uri: str) -> Target:
    """Take the request target apart; `RefusedError` 404 or 400 when it is not ours."""
    path, mark, query = uri.partition("?")
    if _BAD_ESCAPE.search(path):
        raise RefusedError(400, "Invalid path")
    if not path.startswith(PREFIX) or path == PREFIX:
        raise RefusedError(404, "Missing path")
    if _BAD_PATH.search(path):
        raise RefusedError(404, "Invalid path")
    try:
        rest = unquote_to_bytes(path[len(PREFIX) :]).decode()
    except UnicodeDecodeError:
        raise RefusedError(400, "Invalid path") from None
    thing, slash, endpoint = rest.rpartition("/")
    if not slash:
        raise RefusedError(404, "Invalid path")
    return Target(thing=thing, endpoint=endpoint, raw_query=query if mark else None)


class SignedParameters(dict[str, list[str]]):
    """Parameters by name with all their values, for the SDK's validator."""

    def getall(self, name: str) -> list[str]:
        """All values of a name."""
        return self[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """`signed` are the parameters covered by the signature; `json_body` is set for a JSON request instead.

    `fields` has the first value of each name. `is_form` is False for a body of another type.
    """

    fields: dict[str, str]
    signed: SignedParameters
    json_body: str | None = None
    is_form: bool = True


def read_body(environ: WSGIEnvironment) -> bytes:
    """The body of a request; raises `RefusedError` 400 if it is incomplete, 413 if it is too large."""
    length = int(environ.get("CONTENT_LENGTH") or -1)
    is_told = length >= 0
    if length > MAX_BODY_BYTES or not (is_told or environ.get("wsgi.input_terminated")):
        raise RefusedError(413, "Request too large")
    try:
        body = _at_most(environ["wsgi.input"], length if is_told else MAX_BODY_BYTES + 1)
    except OSError:
        raise RefusedError(400, "Bad Request") from None
    if len(body) < length:
        raise RefusedError(400, "Bad Request")
    if len(body) > MAX_BODY_BYTES:
        raise RefusedError(413, "Request too large")
    return body


def _at_most(stream: InputStream, size: int) -> bytes:
    """Read up to so many bytes of a stream."""
    pieces, left = [], size
    while left and (piece := stream.read(left)):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def read_form(raw: bytes, content_type: str) -> Form:
    """The parameters of a POST with this body; raises `RefusedError` 400 for an invalid one."""
    try:
        body = raw.decode()
    except UnicodeDecodeError:
        raise RefusedError(400, "Invalid form: not UTF-8") from None
    mimetype = content_type.partition(";")[0].strip().lower()
    if mimetype == FORM or not body:
        signed = SignedParameters()
        for name, value in decode_pairs(body):
            signed.setdefault(name, []).append(value)
        return Form(fields={name: values[0] for name, values in signed.items()}, signed=signed)
    if mimetype == "application/json":
        return _json(body)
    return Form(fields={}, signed=SignedParameters(), is_form=False)


def read_query(target: Target) -> dict[str, str]:
    """The parameters of the URL, the first value of each; raises `RefusedError` 400 if they are malformed."""
    return dict(reversed(decode_pairs(target.raw_query))) if target.raw_query else {}


def form_of_query(target: Target) -> Form:
    """The parameters of a GET: they are in the URL, so the signature covers no others."""
    return Form(fields=read_query(target), signed=SignedParameters())


def _json(body: str) -> Form:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        return Form(fields={}, signed=SignedParameters(), json_body=body, is_form=False)
    fields = {key: value if isinstance(value, str) else json.dumps(value) for key, value in parsed.items()}
    return Form(fields=fields, signed=SignedParameters(), json_body=body)


def decode_pairs(text: str) -> list[tuple[str, str]]:
    """The pairs of a query or form, with blanks and empty values; raises `RefusedError` 400 if it is invalid."""
    if _BAD_ESCAPE.search(text):
        raise RefusedError(400, "Invalid form: bad percent escape")
    if text.count("&") >= _MOST_FIELDS:
        raise RefusedError(400, "Invalid form: too many fields")
    pairs = (pair.partition("=") for pair in text.split("&") if pair)
    try:
        return [(_decoded(name), _decoded(value)) for name, _, value in pairs]
    except UnicodeError:
        raise RefusedError(400, "Invalid form: not UTF-8") from None


def _decoded(text: str) -> str:
    """Decode percent escapes. Quoted-printable differs only in its character, and is decoded fifty times as fast."""
    if "%" not in text:
        return text.replace("+", " ")
    quoted = text.replace("=", "%3D").replace("%", "=").replace("+", " ")
    return a2b_qp(quoted.encode()).decode()
