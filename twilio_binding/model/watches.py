"""Tracks whether and since when the conditions of an alarm hold; has no clock and no connections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from twilio_binding.model.watch_conditions import Condition, Dependency, IsDown, ItemIs, NoUpdate, watched_items

News = Literal["began", "over"]


class ReadState(NamedTuple):
    """A state that was read, and when it last changed, in seconds since 1970; None if that is not known."""

    value: str
    changed: float | None = None


@dataclass(slots=True)
class _Watched:
    """One condition: since when it holds (None: it does not), and whether it has held for long enough.

    While it only counts as held since an alarm, `ended` is when that alarm ended.
    """

    condition: Condition
    since: float | None = None
    has_fired: bool = False
    ended: float | None = None

    def note(self, *, holds: bool, now: float) -> None:
        if not holds:
            self.since, self.has_fired, self.ended = None, False, None
        elif self.since is None:
            self.since = now

    def check_change(self, changed: float | None, now: float) -> None:
        """No longer count as held if the state may have changed since the alarm ended."""
        if self.ended is not None and (changed is None or changed > self.ended):
            self.note(holds=False, now=now)
        self.ended = None

    @property
    def due(self) -> float | None:
        if self.since is None or self.has_fired:
            return None
        return self.since + self.condition.seconds


class WatchedConditions:
    """The conditions of one alarm, any of which starts it. Times are in seconds of a clock that never jumps.

    The condition that started it before (`began`, as text) counts as held until known otherwise; if it no longer
    exists, all do. If that alarm has `ended`, and the state changed after this time or may have, the state is new.
    """

    def __init__(
        self, conditions: Sequence[Condition], now: float, *, began: str = "", ended: float | None = None
    ) -> None:
        self._watched = [_Watched(condition) for condition in conditions]
        is_among_them = any(str(condition) == began for condition in conditions)
        for watched in self._watched:
            held = bool(began) and (str(watched.condition) == began or not is_among_them)
            if held or isinstance(watched.condition, NoUpdate):
                watched.since, watched.has_fired, watched.ended = now, held, ended if held else None
        self._is_on = bool(began)

    @property
    def items(self) -> frozenset[str]:
        """The items whose states and updates are needed."""
        return frozenset(watched_items(watched.condition for watched in self._watched))

    def dependency(self, what: Dependency, *, is_down: bool, now: float) -> None:
        """Note that a dependency is up or down."""
        for watched in self._watched:
            if isinstance(watched.condition, IsDown) and watched.condition.what == what:
                watched.note(holds=is_down, now=now)

    def item(self, name: str, state: str, now: float) -> None:
        """Note an update of an item."""
        for watched in self._of_item(name):
            if isinstance(watched.condition, ItemIs):
                holds = watched.condition.holds(state, held=watched.since is not None)
                watched.note(holds=holds, now=now)
            else:
                watched.since, watched.has_fired = now, False

    def known(self, name: str, state: str, now: float, *, changed: float | None = None) -> None:
        """Note the state of an item, which may be old: it is not an update. `changed` is when it changed, if known."""
        for watched in self._of_item(name):
            if isinstance(watched.condition, ItemIs):
                watched.check_change(changed, now)
                watched.note(holds=watched.condition.holds(state, held=watched.since is not None), now=now)

    def condition(self, reason: str) -> Condition | None:
        """The condition that `check` returned as a text."""
        return next((one.condition for one in self._watched if str(one.condition) == reason), None)

    @property
    def due(self) -> float | None:
        """When to check again without news; None for never."""
        return min((watched.due for watched in self._watched if watched.due is not None), default=None)

    def check(self, now: float) -> tuple[News, str] | None:
        """Whether the alarm must start now, and why, or the reason for it is over; None if nothing changed.

        Each condition that is met starts it, whatever became of an earlier start.
        """
        fired = [watched for watched in self._watched if watched.due is not None and watched.due <= now]
        for watched in fired:
            watched.has_fired = True
        was_on, self._is_on = self._is_on, any(watched.has_fired for watched in self._watched)
        if fired:
            return "began", str(fired[0].condition)
        return ("over", "") if was_on and not self._is_on else None

    @property
    def is_on(self) -> bool:
        """Whether a condition had held for long enough at the last check."""
        return self._is_on

    @property
    def ends_itself(self) -> bool:
        """Whether the alarm ends when no condition holds any more: if all are about dependencies and updates."""
        return all(not isinstance(watched.condition, ItemIs) for watched in self._watched)

    def _of_item(self, name: str) -> Iterator[_Watched]:
        for watched in self._watched:
            if isinstance(watched.condition, ItemIs | NoUpdate) and watched.condition.item == name:
                yield watched
