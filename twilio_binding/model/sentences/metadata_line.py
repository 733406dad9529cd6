"""The metadata of an item in the form of an `.items` file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def metadata_line(metadata: Mapping[str, Any]) -> str:
    """Metadata `twilio` from openHAB's REST API as text: `{ twilio="kitchen light" [ key=1, pin=true ] }`."""
    config = metadata.get("config")
    given = config if isinstance(config, dict) else {}
    settings = ", ".join(f"{name}={_value(value)}" for name, value in given.items())
    return f"{{ twilio={_quoted(metadata.get('value') or '')}{f' [ {settings} ]' if settings else ''} }}"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value).removesuffix(".0")
    if isinstance(value, list):
        return _quoted(",".join(str(one) for one in value))
    return _quoted(value)


def _quoted(value: object) -> str:
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{" ".join(text.splitlines())}"'
