"""Reads numbers in addresses and forms, such as the position in a list."""

from __future__ import annotations

from flask import request

_LARGEST_ID = 2**62


def cursor_of(number: int) -> tuple[float, ...] | None:
    """The numbers of `before` in the address; None if it is missing or malformed."""
    pieces = request.args.get("before", "").split("_")
    try:
        found = tuple(float(piece) for piece in pieces)
    except ValueError:
        return None
    return found if len(found) == number and all(abs(each) <= _LARGEST_ID for each in found) else None


def written(*numbers: float) -> str:
    """The value of `before` for numbers."""
    return "_".join(repr(float(number)) for number in numbers)


def number_of(text: str, *, digits: int) -> int | None:
    """The whole number in a text; None if it is not one, or has too many digits."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None


def is_id(number: int) -> bool:
    """Whether a number can be an id."""
    return number <= _LARGEST_ID
