"""A picture to send."""

from __future__ import annotations

import struct
import zlib


def drawing(width: int, height: int) -> bytes:
    """A PNG: the sun sets."""
    rows = b"".join(
        b"\0"
        + bytes(value for x in range(width) for value in _colour(x - width // 2, y - height // 2, y * 160 // height))
        for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _colour(x: int, y: int, depth: int) -> tuple[int, int, int]:
    return (255, 236, 150) if x * x + y * y < 900 else (240 - depth // 3, 150 - depth // 2, 90 + depth // 2)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
