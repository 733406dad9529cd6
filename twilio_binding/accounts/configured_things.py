"""The configured things from all places."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

import structlog

from twilio_binding.model.configuration import Good, Loaded, Problem, ThingNode, load_or_keep
from twilio_binding.model.things import Things

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")


class Calling(Protocol):
    """Calls a function that takes long."""

    def __call__(self, function: Callable[[], _T]) -> _T:
        """The result of the function."""


def _here(function: Callable[[], _T]) -> _T:
    return function()


class ThingsPlace(Protocol):
    """A place where things are configured."""

    @property
    def nodes(self) -> Sequence[ThingNode]:
        """Its last good configuration."""

    @property
    def errors(self) -> Sequence[str]:
        """Why the place cannot be read, one error per line."""


class ConfiguredThings:
    """The checked things of all places; `on_change` is called after a change was taken over.

    If a thing in a file becomes unusable, its last usable form stays; `keep` gets the configuration of each usable
    thing. `calling` runs the check of thousands of things, one configuration at a time.
    """

    def __init__(
        self,
        *,
        on_change: Callable[[], None] = lambda: None,
        keep: Callable[[Good], None] = lambda _: None,
        calling: Calling = _here,
    ) -> None:
        self._places: tuple[ThingsPlace, ...] = ()
        self._on_change = on_change
        self._keep = keep
        self._calling = calling
        self._good: Good = {}
        self._lock = threading.Lock()
        self._things = Things()
        self.problems: Sequence[Problem] = ()
        self._cloud_url = ""

    def read_from(self, *places: ThingsPlace) -> None:
        """Read from these places from now on; if two configure the same thing, the first one counts."""
        self._places = places

    def recall(self, good: Good) -> None:
        """Start with the things of an earlier run."""
        self._good = good

    def current(self) -> Things:
        """The last good configuration."""
        return self._things

    @property
    def errors(self) -> list[str]:
        """All errors, one per line; empty if there are none."""
        unreadable = [error for place in self._places for error in place.errors]
        return unreadable + [str(problem) for problem in self.problems if problem.severity == "error"]

    def use_cloud_url(self, url: str) -> None:
        """Set the URL from openHAB Cloud that stands for `/twilio/callback`, or withdraw it ("")."""
        if url != self._cloud_url:
            self._cloud_url = url
            self.take_over()

    def take_over(self) -> None:
        """Take over a changed configuration."""
        with self._lock:
            nodes = [node for place in self._places for node in place.nodes]
            loaded, is_news = self._calling(lambda: _load(nodes, self._good))
            self.problems = loaded.problems
            things = loaded.things
            self._things = replace(
                things,
                accounts={uid: replace(account, cloud_url=self._cloud_url) for uid, account in things.accounts.items()},
            )
            if is_news:
                self._good = loaded.good
                self._keep(self._good)
            for problem in self.problems:
                _log.warning("things.problem", problem=str(problem))
            _log.info("things.loaded", **self._things.counts)
        self._on_change()


def _load(nodes: Sequence[ThingNode], before: Good) -> tuple[Loaded, bool]:
    """The things that nodes describe, and whether they differ from before."""
    loaded = load_or_keep(nodes, before)
    return loaded, loaded.good != before
