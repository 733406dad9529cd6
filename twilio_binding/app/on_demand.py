"""What is built when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

_T = TypeVar("_T")


class Group(Protocol):
    """Use cases that start and stop with the service."""

    def start(self) -> None:
        """Begin."""

    def stop(self, until: float) -> None:
        """End, until a moment of the monotonic clock."""


_G = TypeVar("_G", bound=Group)


class OnDemand(Generic[_T]):
    """Builds one thing, once; who needs it meanwhile waits for it. What could not be built is tried anew the next time."""

    def __init__(self, build: Callable[[], _T]) -> None:
        self._build = build
        self._built: _T | None = None
        self._lock = threading.RLock()

    @property
    def is_built(self) -> bool:
        """Whether anybody has needed it."""
        return self._built is not None

    def get(self) -> _T:
        """The thing; raises what building it raises."""
        if self._built is not None:
            return self._built
        with self._lock:
            if self._built is None:
                self._built = self._build()
                self._begin(self._built)
            return self._built

    def _begin(self, built: _T) -> None:
        """It is built."""


class GroupOnDemand(OnDemand[_G]):
    """A group of use cases that starts with the service, or as soon as it is built where that runs already."""

    _is_running = False

    def start(self) -> None:
        """The service starts."""
        with self._lock:
            self._is_running = True
            if self._built is not None:
                self._begin(self._built)

    def stop(self, until: float) -> None:
        """The service ends; that does not wait for a group that is just being built, which does not start then."""
        self._is_running = False
        if self._built is not None:
            self._built.stop(until)

    def _begin(self, built: _G) -> None:
        if self._is_running:
            built.start()
