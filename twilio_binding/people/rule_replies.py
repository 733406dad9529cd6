"""Replies of rules to texts: if a rule replies, the contact is not also told that the text was not understood."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TypeVar

from twilio_binding.model.actions import Send, SendMessage

_T = TypeVar("_T")

WAIT = 3.0
"""Seconds to wait for the reply of a rule: Twilio waits 15 seconds for the answer to a webhook."""
_REMEMBERED = 500


class RuleReplies:
    """Knows the texts that are being sent. `hears` returns whether a rule or a program listens to a channel, None if unknown.

    Programs that listen without announcing it are known from the second text on, after they replied to the first.
    """

    def __init__(self, *hears: Callable[[str], bool | None], wait: float = WAIT) -> None:
        self._hears = hears
        self._wait = wait
        self._started = time.monotonic()
        self._sent: OrderedDict[str, float] = OrderedDict()
        self._told: OrderedDict[str, float] = OrderedDict()
        self._hasty: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._answered: set[str] = set()
        self._changed = threading.Condition()

    def note(self, send: Send) -> None:
        """Note that a send begins. Those of alarms are no replies; nothing here waits."""
        if not isinstance(send, SendMessage):
            return
        now = time.monotonic()
        with self._changed:
            for number in (one.removeprefix("whatsapp:") for one in send.to):
                _put(self._told, number, now)
                if send.alarm:
                    continue
                _put(self._sent, number, now)
                channel, told = self._hasty.pop(number, ("", 0.0))
                if channel and now - told < self._wait:
                    self._answered.add(channel)
            self._changed.notify_all()

    def is_answered(self, number: str, channels: Sequence[str], since: float) -> bool:
        """Whether a text to somebody began after `since`, of the monotonic clock.

        Waits for it if anybody may listen to the `channels`, the first of which is that of the phone.
        """
        may_come = any(one in self._answered or self._is_heard(one) for one in channels)
        with self._changed:
            if not may_come:
                _put(self._hasty, number, (channels[0], time.monotonic()))
            return self._changed.wait_for(lambda: self._sent.get(number, 0.0) > since, self._wait if may_come else 0)

    def seconds_since(self, number: str) -> float:
        """Seconds since the last text to somebody, also of an alarm; since the start of the service if there was none.

        Less 3 seconds, because a text about the effect of a command may begin before the command has ended.
        """
        with self._changed:
            told = self._told.get(number)
        return time.monotonic() - (self._started if told is None else told + self._wait)

    def _is_heard(self, channel: str) -> bool:
        return any(hears(channel) is not False for hears in self._hears)


def _put(kept: OrderedDict[str, _T], key: str, value: _T) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _REMEMBERED:
        kept.popitem(last=False)
