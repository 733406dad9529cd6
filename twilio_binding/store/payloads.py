"""The stored payload of an event."""

from __future__ import annotations

import json
from typing import Any


def read_payload(text: str) -> dict[str, Any]:
    """A payload; empty if it is not a JSON object."""
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
