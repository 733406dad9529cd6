"""Messages that arrive from the broker, and the last will."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message from the broker; if it was `oversized`, the payload is only its beginning.

    `taken` sends the receipt, if that is not done anyway. `comes_again`: until then, the message arrives again on the
    next connection.
    """

    topic: str
    payload: bytes
    retained: bool
    reply_to: str = ""
    correlation: bytes = b""
    oversized: bool = False
    comes_again: bool = False
    taken: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Will:
    """What the broker publishes, retained, when the connection breaks."""

    topic: str
    payload: bytes
