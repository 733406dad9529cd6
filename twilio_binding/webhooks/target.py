"""The path of a webhook: which thing and which endpoint, and the exact text that Twilio requested."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from twilio_binding.webhooks.refused import RefusedError

PREFIX = "/twilio/callback/"
MEDIA = f"{PREFIX}media/"
BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_BAD_PATH = re.compile(r"//|;|%2[Ff]|/\.{1,2}(/|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What was requested: `thing` and `endpoint` decoded, `raw_query` without its question mark, None if there was none."""

    thing: str
    endpoint: str
    raw_query: str | None


def is_media(method: str, uri: str) -> bool:
    """Whether somebody asks for the media behind a URL."""
    return method in ("GET", "HEAD") and uri.startswith(MEDIA)


def read_target(uri: str) -> Target:
    """Take the request target apart; `RefusedError` 404 or 400 when it is none of ours."""
    path, mark, query = uri.partition("?")
    if BAD_ESCAPE.search(path):
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
