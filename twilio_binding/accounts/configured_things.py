"""The configured things, wherever somebody configured them."""

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
    """How a function is called that takes long."""

    def __call__(self, function: Callable[[], _T]) -> _T:
        """Its result."""


def _here(function: Callable[[], _T]) -> _T:
    return function()


class ThingsPlace(Protocol):
    """A place where things are configured."""

    @property
    def nodes(self) -> Sequence[ThingNode]:
        """What it says, in its last good form."""

    @property
    def errors(self) -> Sequence[str]:
        """Why it cannot be read, a line each."""


class ConfiguredThings:
    """The checked things of all places; `on_change` is called after a change was taken over.

    A thing that cannot be used as a file has it now stays as it was; `keep` is given what each was made of last.
    Thousands of things are checked where `calling` calls, one configuration at a time.
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
        """Take over from these from now on; where two configure the same thing, the first one is right."""
        self._places = places

    def recall(self, good: Good) -> None:
        """Begin with what things were made of in an earlier run."""
        self._good = good

    def current(self) -> Things:
        """The last good configuration."""
        return self._things

    @property
    def errors(self) -> list[str]:
        """Everything that is wrong, a line each; nothing when all is well."""
        unreadable = [error for place in self._places for error in place.errors]
        return unreadable + [str(problem) for problem in self.problems if problem.severity == "error"]

    def use_cloud_url(self, url: str) -> None:
        """OpenHAB Cloud has given a URL that stands for `/twilio/callback`, or taken it back ("")."""
        if url != self._cloud_url:
            self._cloud_url = url
            self.take_over()

    def take_over(self) -> None:
        """Something was configured anew."""
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
    """What nodes make, and whether that is made of something else than before."""
    loaded = load_or_keep(nodes, before)
    return loaded, loaded.good != before
