"""The length of a text message and its number of segments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
_GSM = _BASIC | _EXTENSION
_ALONE = {"GSM-7": 160, "UCS-2": 70}
_JOINED = {"GSM-7": 153, "UCS-2": 67}
"""Units in a segment of a long text, whose header lets the receiver join the segments."""


@dataclass(frozen=True, slots=True)
class Length:
    """The length of a text. `units` are septets (GSM-7) or 16-bit words (UCS-2)."""

    encoding: Encoding
    units: int
    segments: int


def measure(text: str) -> Length:
    """The length of a text as SMS; one character outside GSM-7 makes all of it UCS-2."""
    if _GSM.issuperset(text):
        return _length("GSM-7", [2 if character in _EXTENSION else 1 for character in text])
    return _length("UCS-2", [utf16_units(character) for character in text])


def utf16_units(text: str) -> int:
    """Length in 16-bit words: an emoji counts as two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def beginning(text: str, most: int) -> str:
    """As much of a text as has at most so many 16-bit words; no character is split."""
    return text.encode("utf-16-le", "surrogatepass")[: 2 * most].decode("utf-16-le", "ignore")


def _length(encoding: Encoding, sizes: list[int]) -> Length:
    units = sum(sizes)
    segments = 1 if units <= _ALONE[encoding] else _joined(sizes, _JOINED[encoding])
    return Length(encoding, units, segments if units else 0)


def _joined(sizes: Iterable[int], room: int) -> int:
    """The number of segments for units; a character of two units is never split."""
    segments, free = 0, 0
    for size in sizes:
        if size > free:
            segments, free = segments + 1, room
        free -= size
    return segments
