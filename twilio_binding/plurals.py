"""Numbers of things, in words for people."""

from __future__ import annotations


def counted(number: int, one: str) -> str:
    """`1 file`, `2 files`; `one` is a word whose plural ends in s."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"
