"""What arrives from the broker, and what it publishes for a connection that broke."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it arrived; where it was `oversized`, the payload is only its beginning.

    `taken` tells the broker that it need not come again, where that is not told anyway. `comes_again` says that it does
    on the next connection, until then.
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
