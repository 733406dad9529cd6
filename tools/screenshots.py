"""Writes the pictures from the console's tests into docs/console, with smaller files: `make screenshots`."""

from __future__ import annotations

import struct
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TAKEN, KEPT = ROOT / "build" / "screenshots", ROOT / "docs" / "console"
NAMES = (
    "overview",
    "overview-dark",
    "doctor",
    "conversations",
    "conversation-360",
    "search",
    "calls",
    "call",
    "alarm",
    "alarms",
    "commands",
    "waiting",
    "numbers",
    "costs",
    "number",
    "try-check",
    "phone-live",
    "sign-in",
)
_COLOURS = 256
_TALLEST = 1000

Pixel = bytes


def main() -> None:
    """Write each picture with a palette; exit code 1 if one is missing."""
    missing = [name for name in NAMES if not (TAKEN / f"{name}.png").is_file()]
    if missing:
        sys.exit(f"run the tests of the console first: there is no {', '.join(missing)}")
    KEPT.mkdir(exist_ok=True)
    for name in NAMES:
        before = (TAKEN / f"{name}.png").read_bytes()
        after = smaller(before)
        (KEPT / f"{name}.png").write_bytes(after)
        sys.stdout.write(f"{name}.png: {len(before)} bytes are {len(after)} now\n")


def smaller(picture: bytes) -> bytes:
    """A PNG of 8-bit colors as one with a palette, cut off below one screen."""
    width, kind = struct.unpack(">I4xxB", picture[16:26])
    size = {2: 3, 6: 4}[kind]
    rows = list(_rows(zlib.decompress(b"".join(_data(picture))), width * size, size))[:_TALLEST]
    lines = [[row[place : place + 3] for place in range(0, len(row), size)] for row in rows]
    counts = Counter(pixel for line in lines for pixel in line)
    palette = [colour for colour, _ in counts.most_common(_COLOURS)]
    index = {colour: _nearest(colour, palette) for colour in counts}
    packed = b"".join(b"\0" + bytes(index[pixel] for pixel in line) for line in lines)
    head = struct.pack(">IIBBBBB", width, len(lines), 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(packed, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _nearest(colour: Pixel, palette: list[Pixel]) -> int:
    return min(range(len(palette)), key=lambda n: sum((a - b) ** 2 for a, b in zip(colour, palette[n], strict=True)))


def _data(picture: bytes) -> Iterator[bytes]:
    place = 8
    while place < len(picture):
        (length,) = struct.unpack(">I", picture[place : place + 4])
        if picture[place + 4 : place + 8] == b"IDAT":
            yield picture[place + 8 : place + 8 + length]
        place += length + 12


def _rows(data: bytes, length: int, size: int) -> Iterator[bytes]:
    """The rows of a picture without PNG's filters."""
    above = bytes(length)
    for place in range(0, len(data), length + 1):
        kind, row = data[place], bytearray(data[place + 1 : place + 1 + length])
        for n in range(length):
            left, up, corner = (row[n - size] if n >= size else 0), above[n], (above[n - size] if n >= size else 0)
            row[n] = (row[n] + (0, left, up, (left + up) // 2, _paeth(left, up, corner))[kind]) & 0xFF
        above = bytes(row)
        yield above


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    main()
