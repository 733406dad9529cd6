"""Reads fields of JSON objects with their types. Fields of another type are refused as `malformed`."""

from __future__ import annotations

from collections.abc import Mapping

from .errors import Refusal
from .json_text import from_json


def json_object(payload: bytes | str) -> dict[str, object]:
    """The JSON object in a text."""
    try:
        return as_object(from_json(payload))
    except ValueError:
        raise Refusal("malformed", "not JSON in UTF-8") from None


def as_object(value: object) -> dict[str, object]:
    """A value that must be a JSON object."""
    if not isinstance(value, dict):
        raise Refusal("malformed", "expected a JSON object")
    return value


def as_array(value: object) -> list[object]:
    """A value that must be a JSON array."""
    if not isinstance(value, list):
        raise Refusal("malformed", "expected a JSON array")
    return value


def objects(payload: bytes, name: str) -> list[dict[str, object]]:
    """The array of objects that a JSON object has as `name`."""
    return [as_object(entry) for entry in as_array(json_object(payload).get(name))]


def text(body: Mapping[str, object], name: str) -> str:
    """The text `name`; "" if it is missing."""
    value = body.get(name, "")
    if not isinstance(value, str):
        raise Refusal("malformed", f'"{name}" must be a string')
    return value


def number(body: Mapping[str, object], name: str) -> float:
    """The number `name`; 0 if it is missing."""
    value = body.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refusal("malformed", f'"{name}" must be a number')
    return value
