"""Which programs and rules listen to a channel."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Protocol

import structlog

_log = structlog.get_logger(__name__)

_PATIENCE = 5
"""Number of consecutive calls that wait without an answer before an unknown program is forgotten."""
_REMEMBERED = 1000
_AFTERWARDS = 30.0
"""Seconds for which a rule that has gone may still answer earlier calls."""


class AnsweredChannels(Protocol):
    """Stores the UIDs of channels whose events somebody answered."""

    def answered_channels(self) -> set[str]:
        """All stored UIDs."""

    def add_answered_channel(self, channel: str) -> None:
        """Store a UID."""

    def drop_answered_channel(self, channel: str) -> None:
        """Remove a UID."""


class KnownListeners:
    """Asks each source whether it listens to a channel, and waits for sources that do not know yet.

    A channel also counts as heard if somebody unknown has answered it before. Late answers count, too, so that the
    service waits for such a program the next time. The program is forgotten after five calls in a row that waited in
    vain although everybody was notified. While answers cannot arrive at all, nothing counts as heard. No method raises.
    """

    def __init__(
        self,
        hearing: Iterable[Callable[[str], bool | None]],
        kept: AnsweredChannels,
        *,
        can_answer: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hearing = tuple(hearing)
        self._can_answer = can_answer
        self._clock = clock
        self._known_at: dict[str, float] = {}
        self._kept = kept
        self._answering = kept.answered_channels()
        self._in_vain: dict[str, set[str]] = {}
        self._unanswered: OrderedDict[tuple[str, str], set[str]] = OrderedDict()
        self._lock = threading.Lock()

    def is_anyone(self, thing: str, channel: str) -> bool:
        """Whether anybody may answer events of the channel."""
        uid = f"{thing}:{channel}"
        if not self._can_answer():
            return False
        heard = self._heard(uid)
        return heard or heard is None or uid in self._answering

    def answered(self, thing: str, channel: str, call_sid: str) -> None:
        """Note that somebody answered an event of the channel."""
        with self._lock:
            # A second answer to the same request would be taken for an answer to an earlier one.
            self._unanswered.pop((thing, call_sid), None)
            self._remember(f"{thing}:{channel}")

    def not_answered(self, thing: str, channel: str, call_sid: str) -> None:
        """Note that a caller hears the default."""
        with self._lock:
            self._unanswered.setdefault((thing, call_sid), set()).add(f"{thing}:{channel}")
            if len(self._unanswered) > _REMEMBERED:
                self._unanswered.popitem(last=False)

    def waited_in_vain(self, thing: str, channel: str, call_sid: str) -> None:
        """Note that a caller waited for a rule without an answer although everybody was notified; a later answer reverts this."""
        uid = f"{thing}:{channel}"
        with self._lock:
            is_open = uid in self._unanswered.get((thing, call_sid), ())
            if is_open and uid in self._answering:
                calls = self._in_vain.setdefault(uid, set())
                calls.add(call_sid)
                if len(calls) >= _PATIENCE:
                    self._forget(uid)

    def came_late(self, thing: str, call_sid: str) -> None:
        """Note an answer to a call that was not waiting, or no longer; counts only if the channel is unambiguous."""
        with self._lock:
            channels = self._unanswered.pop((thing, call_sid), set())
            if len(channels) == 1:
                self._remember(*channels)

    def _heard(self, uid: str) -> bool | None:
        """Whether a source listens to a channel; None if none does, and one does not know yet."""
        answer: bool | None = False
        for hears in self._hearing:
            heard = hears(uid)
            if heard:
                self._known_at[uid] = self._clock()
                return True
            if heard is None:
                answer = None
        return answer

    def _remember(self, uid: str) -> None:
        """Remember who answered, unless a source will report when it goes."""
        self._in_vain.pop(uid, None)
        if self._clock() - self._known_at.get(uid, float("-inf")) < _AFTERWARDS or self._heard(uid):
            self._forget(uid)
        elif uid not in self._answering:
            self._answering.add(uid)
            _log.info("listeners.found", channel=uid)
            _keep(self._kept.add_answered_channel, uid)

    def _forget(self, uid: str) -> None:
        self._in_vain.pop(uid, None)
        if uid not in self._answering:
            return
        self._answering.discard(uid)
        _log.info("listeners.gone", channel=uid)
        _keep(self._kept.drop_answered_channel, uid)


def _keep(write: Callable[[str], None], uid: str) -> None:
    try:
        write(uid)
    except Exception:
        _log.exception("listeners.not_stored", channel=uid)
