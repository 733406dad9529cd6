"""Hanging up a call in progress, or giving it another document."""

from __future__ import annotations

import threading
from collections.abc import Callable
from xml.etree.ElementTree import Element

Document = Callable[[], Element]


class HungUpError(Exception):
    """The call is over."""


class ReplacedError(Exception):
    """The call got another document over REST."""


class Interruption:
    """A request to end or change a call. Any thread can set it; the call sees it in its next `wait` or `check`."""

    def __init__(self) -> None:
        self._is_set = threading.Event()
        self._following: Document | None = None

    @property
    def is_end(self) -> bool:
        """Whether the call shall end."""
        return self._is_set.is_set() and self._following is None

    def set(self, following: Document | None) -> None:
        """Continue with the document `following`; None ends the call."""
        self._following = following
        self._is_set.set()

    def take(self) -> Document | None:
        """The document to continue with, or None. Ends the interruption."""
        self._is_set.clear()
        return self._following

    def wait(self, seconds: float) -> None:
        """Wait for so many seconds. Raises `HungUpError` or `ReplacedError` if the call is interrupted."""
        self._is_set.wait(seconds)
        self.check()

    def check(self) -> None:
        """Raise `HungUpError` or `ReplacedError` if the call is interrupted."""
        if self._is_set.is_set():
            raise HungUpError if self._following is None else ReplacedError
