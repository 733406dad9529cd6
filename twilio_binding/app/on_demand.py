"""What is built when it is first needed."""

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
            return self._built


class GroupOnDemand(OnDemand[_G]):
    """A group of use cases that starts with the service, or as soon as it is built where that runs already.

    What could not be started is started anew the next time it is needed.
    """

    _is_running = False
    _has_begun = False

    def get(self) -> _G:
        """The group, started where the service runs; raises what building or starting it raises."""
        if self._has_begun:
            return super().get()
        with self._lock:
            built = super().get()
            self._begin(built)
            return built

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
        if self._has_begun or not self._is_running:
            return
        self._has_begun = True  # already: who needs it meanwhile does not wait, nor start it once more
        try:
            built.start()
        except BaseException:
            self._has_begun = False
            raise


class TakingUp:
    """Takes up what the things ask for; never raises. What fails is logged, told by `problem`, and tried anew the next time."""

    def __init__(self, review: Callable[[], None]) -> None:
        self._review = review
        self.problem = ""
        """What cannot be used, and why; "" while all is well."""

    def __call__(self) -> None:
        """Look at the things, and try what failed before."""
        try:
            self._review()
        except Exception as error:
            _log.exception("things.not_taken_up")  # housekeeping tries again
            reason = str(error) if isinstance(error, TwilioBindingError) else f"{type(error).__name__}, see the log"
            self.problem = (
                f"contacts, alarms or commands by text and phone could not be started ({reason}); "
                "this is tried again every minute"
            )
        else:
            self.problem = ""
