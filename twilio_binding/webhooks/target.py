"""The path of a webhook: which thing and which endpoint, and the exact text that Twilio requested."""

from __future__ import annotations

import re
from binascii import a2b_qp
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from twilio_binding.webhooks.refused import RefusedError

PREFIX = "/twilio/callback/"
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_MOST_FIELDS = 1000
_BAD_PATH = re.compile(r"//|;|%2[Ff]|/\.{1,2}(/|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What was requested: `thing` and `endpoint` decoded, `raw_query` without its question mark, None if there was none."""

    thing: str
    endpoint: str
    raw_query: str | None

    @property
    def query(self) -> dict[str, str]:
        """The decoded parameters of the URL, the first value of each."""
        return dict(reversed(decode_pairs(self.raw_query))) if self.raw_query else {}


def read_target(uri: str) -> Target:
    """Take the request target apart; `RefusedError` 404 or 400 when it is none of ours."""
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


def decode_pairs(text: str) -> list[tuple[str, str]]:
    """The pairs of a query or form, blanks and empty values kept; `RefusedError` 400 when it is not one."""
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
    """What percent escapes mean. Quoted-printable is the same but for its sign, and decoded fifty times as fast."""
    if "%" not in text:
        return text.replace("+", " ")
    quoted = text.replace("=", "%3D").replace("%", "=").replace("+", " ")
    return a2b_qp(quoted.encode()).decode()
