"""JSON text, fast even in GraalPy."""

from __future__ import annotations

import json
from collections.abc import Mapping

# Created once, and without `json.loads`, which takes ten times as long in GraalPy while callers wait.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_DECODER = json.JSONDecoder()
_BLANKS = " \t\n\r"


def to_json(body: Mapping[str, object]) -> str:
    """JSON text without blanks, and without escapes for non-ASCII characters."""
    return _ENCODER.encode(body)


def to_bytes(body: Mapping[str, object]) -> bytes:
    """The same in UTF-8. Half a character (a lone surrogate) becomes "?", so that the message can still be sent."""
    return to_json(body).encode("utf-8", "replace")


def from_json(payload: bytes | str) -> object:
    """The value of a JSON text in UTF-8; raises ValueError for anything else."""
    text = (payload.decode("utf-8") if isinstance(payload, bytes) else payload).strip(_BLANKS)
    try:
        value, end = _DECODER.raw_decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if end < len(text):  # GraalPy counts characters beyond U+FFFF twice here
        raise ValueError("more than one value")
    return value
