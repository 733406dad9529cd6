"""The version of openHAB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Release:
    """A version of openHAB: the text that openHAB reports, and its first two numbers for comparisons."""

    text: str
    numbers: tuple[int, int]

    def __str__(self) -> str:
        """The name for people."""
        return f"openHAB {self.text}"


def read_release(root: dict[str, Any]) -> Release | None:
    """The version in the answer of REST's root; None if it was not openHAB that answered."""
    told = root.get("runtimeInfo")
    text = str(told.get("version") or "") if isinstance(told, dict) else ""
    major, _, rest = text.partition(".")
    minor = rest.partition(".")[0]
    if not all(number.isascii() and number.isdigit() for number in (major, minor)):
        return None
    return Release(text, (int(major), int(minor)))
