"""What ends a call, or gives it something else to do, while it goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from xml.etree.ElementTree import Element

Document = Callable[[], Element]


class HungUpError(Exception):
    """The call is over."""


class ReplacedError(Exception):
    """Over REST the call was given something else to do."""


class Interruption:
    """Set on any thread, and noticed by the call at its next wait or check."""

    def __init__(self) -> None:
        self._is_set = threading.Event()
        self._following: Document | None = None

    @property
    def is_end(self) -> bool:
        """Whether the call is to end."""
        return self._is_set.is_set() and self._following is None

    def set(self, following: Document | None) -> None:
        """Go on with a document, or end."""
        self._following = following
        self._is_set.set()

    def take(self) -> Document | None:
        """What to go on with; the interruption is over."""
        self._is_set.clear()
        return self._following

    def wait(self, seconds: float) -> None:
        """Let time pass; raises `HungUpError` or `ReplacedError` when the call is interrupted."""
        self._is_set.wait(seconds)
        self.check()

    def check(self) -> None:
        """Raise `HungUpError` or `ReplacedError` when the call is interrupted."""
        if self._is_set.is_set():
            raise HungUpError if self._following is None else ReplacedError
