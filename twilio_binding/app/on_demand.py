"""Builds objects when they are first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import structlog

from twilio_binding.protocol.errors import TwilioBindingError

_log = structlog.get_logger(__name__)

_T = TypeVar("_T")


class Group(Protocol):
    """Use cases that start and stop with the service."""

    def start(self) -> None:
        """Start."""

    def stop(self, until: float) -> None:
        """Stop, by a time of the monotonic clock."""


_G = TypeVar("_G", bound=Group)


class OnDemand(Generic[_T]):
    """Builds an object once, when it is first needed; other callers wait meanwhile. After a failure, the next call tries again."""

    def __init__(self, build: Callable[[], _T]) -> None:
        self._build = build
        self._built: _T | None = None
        self._lock = threading.RLock()

    @property
    def is_built(self) -> bool:
        """Whether the object has been built."""
        return self._built is not None

    def get(self) -> _T:
        """The object; raises what building it raises."""
        if self._built is not None:
            return self._built
        with self._lock:
            if self._built is None:
                self._built = self._build()
            return self._built


class GroupOnDemand(OnDemand[_G]):
    """A group of use cases that starts with the service, or, if the service is running already, when it is built.

    If the start fails, it is tried again the next time the group is needed.
    """

    _is_running = False
    _has_begun = False

    def get(self) -> _G:
        """The group, started if the service is running; raises what building or starting it raises."""
        if self._has_begun:
            return super().get()
        with self._lock:
            built = super().get()
            self._begin(built)
            return built

    def start(self) -> None:
        """Handle that the service starts; never raises, because the service must run even if the group cannot start."""
        with self._lock:
            self._is_running = True
            if self._built is not None:
                try:
                    self._begin(self._built)
                except Exception:
                    _log.exception("group.not_started")

    def stop(self, until: float) -> None:
        """The service stops. It does not wait for a group that is being built; that group is not started."""
        self._is_running = False
        if self._built is not None:
            self._built.stop(until)

    def _begin(self, built: _G) -> None:
        if self._has_begun or not self._is_running:
            return
        self._has_begun = True  # before the start, so that other callers neither wait nor start it again
        try:
            built.start()
        except BaseException:
            self._has_begun = False
            raise


class TakingUp:
    """Starts what the configured things need; never raises. A failure is logged, shown by `problem`, and retried by the next call."""

    def __init__(self, review: Callable[[], None]) -> None:
        self._review = review
        self.problem = ""
        """What cannot be used, and why; "" if everything works."""

    def __call__(self) -> None:
        """Check the things, and retry what failed before."""
        try:
            self._review()
        except Exception as error:
            _log.exception("things.not_taken_up")  # housekeeping tries again
            reason = str(error) if isinstance(error, TwilioBindingError) else f"{type(error).__name__}, see the log"
            self.problem = (
                f"contacts, alarms or commands by text and phone could not be started ({reason}); "
                "the service tries again every minute"
            )
        else:
            self.problem = ""
