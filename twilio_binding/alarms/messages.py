"""Replaces `%item:Name%` in the message of an alarm with states of items."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

import structlog

from twilio_binding.alarms.ports import AlarmItems
from twilio_binding.model.alarms import PLACEHOLDER
from twilio_binding.workers import Workers

_log = structlog.get_logger(__name__)

_PATIENCE = 1.0
"""Seconds to wait for the states of all items together."""
_MISSING = "?"
_LONGEST = 200
"""Maximum length of a state in a message: that of an image can have megabytes."""


class AlarmMessages:
    """Asks openHAB for the states, on its own threads; an item without an answer in time reads as `?`."""

    def __init__(self, items: AlarmItems) -> None:
        self._items = items
        self._workers, self._fillers = Workers(4), Workers(4)

    def start(self) -> None:
        """Begin."""
        self._workers.start()
        self._fillers.start()

    def stop(self, until: float) -> None:
        """End, until a moment of the monotonic clock."""
        self._fillers.stop(until)
        self._workers.stop(until)

    def fill_aside(self, text: str, language: str, done: Callable[[str], None]) -> None:
        """Call `done` with the filled text: immediately if there is nothing to fill in, otherwise soon on another thread."""
        if PLACEHOLDER.search(text):
            self._fillers.put(lambda: done(self.fill(text, language)))
        else:
            done(text)

    def fill(self, text: str, language: str) -> str:
        """The text with the states of its items, in the form that people of this language expect."""
        names = dict.fromkeys(PLACEHOLDER.findall(text))
        if not names:
            return text
        until = time.monotonic() + _PATIENCE
        asked: dict[str, Future[str]] = {name: Future() for name in names}
        for name, future in asked.items():
            self._workers.put(partial(_answer, future, partial(self._items.told, name, language)))
        states = {name: _state(name, future, until) for name, future in asked.items()}
        return PLACEHOLDER.sub(lambda match: states[match[1]], text)


def _answer(future: Future[str], ask: Callable[[], str]) -> None:
    try:
        future.set_result(ask())
    except Exception as error:
        future.set_exception(error)


def _state(name: str, future: Future[str], until: float) -> str:
    try:
        state = future.result(max(0.0, until - time.monotonic()))
    except Exception as error:
        _log.warning("alarm.item_unknown", item=name, reason=str(error) or "openHAB did not answer in time")
        return _MISSING
    return state[:_LONGEST] or _MISSING
