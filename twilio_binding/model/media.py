"""Media: bytes with their type, and how openHAB writes them as a state."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field

UNKNOWN_TYPE = "application/octet-stream"
_DATA_URI = re.compile(r"data:([^,]*);base64,", re.ASCII | re.IGNORECASE)
_TYPE = re.compile(r"[\w.+!#$&^-]+/[\w.+!#$&^-]+(\s*;\s*[\w.+-]+=(\"[\w .:;/+=-]*\"|[\w.+/:-]+))*", re.ASCII)
_LONGEST_TYPE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A picture, a sound, a document: anything with a content type."""

    content_type: str
    content: bytes = field(repr=False)


def content_type(given: str | None) -> str:
    """`given` as it may stand in a header; the type of anything when it may not."""
    stripped = (given or "").strip()
    return stripped if len(stripped) <= _LONGEST_TYPE and _TYPE.fullmatch(stripped) else UNKNOWN_TYPE


def read_raw_state(state: str) -> Media:
    """The bytes of a raw state; raises ValueError for anything else."""
    head = _DATA_URI.match(state)
    if head is None:
        raise ValueError("not a raw state")
    try:
        content = base64.b64decode(state[head.end() :], validate=True)
    except binascii.Error:
        raise ValueError("not a raw state") from None
    return Media(content_type=content_type(head[1]), content=content)
