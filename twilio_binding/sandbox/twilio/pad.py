"""The person on the console's phone, who hears, presses keys and speaks during a call."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from twilio_binding.sandbox.twilio.interruption import HungUpError

_READING = 0.06
"""Seconds that a spoken character takes."""
_PAUSE = 5.0
"""Seconds after which Twilio takes the keys that were pressed for all."""
_LOOK = 0.1


class LivePad:
    """The actions of one caller or called person. With everything that happens in the call, `version` grows and `changed` is notified."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.version = 0
        self.heard: list[dict[str, str]] = []
        self.waits: Mapping[str, str] | None = None
        self._keys = ""
        self._words = ""
        self._is_over = False
        self._is_answered = False

    def hear(self, kind: str, text: str) -> None:
        """Something is said or played, or the caller did something."""
        with self.changed:
            self.heard.append({"kind": kind, "text": text})
            self._tell()

    def answer(self) -> None:
        """The called person takes the call."""
        with self.changed:
            self._is_answered = True
            self._tell()

    def wait_for_answer(self, seconds: float) -> bool | None:
        """Whether the call was answered; None if nobody did anything within so many seconds."""
        with self.changed:
            self.changed.wait_for(lambda: self._is_answered or self._is_over, seconds)
            return self._is_answered if self._is_answered or self._is_over else None

    @property
    def is_answered(self) -> bool:
        """Whether the called person has taken the call."""
        return self._is_answered

    def press(self, keys: str) -> None:
        """The caller presses keys, which count when a Gather waits for some, as with Twilio."""
        with self.changed:
            if self.waits is not None:
                self._keys += keys
                self._tell()

    def say(self, words: str) -> None:
        """The caller speaks, while a Gather waits for words."""
        with self.changed:
            if self.waits is not None:
                self._words = words
                self._tell()

    def hang_up(self) -> None:
        """The caller hangs up."""
        with self.changed:
            self._is_over = True
            self._tell()

    def next(self, gather: Mapping[str, str]) -> str:
        """What is typed or said at a Gather, "" when nothing came in time; raises `HungUpError`."""
        with self.changed:
            self.waits = dict(gather)
            self._tell()
            try:
                given = self._wait(gather)
            finally:
                self.waits = None
                self._keys, self._words = "", ""
        self.hear("did", given or "(nothing)")
        return given

    def state(self, since: int, seconds: float) -> dict[str, Any]:
        """Everything so far, as soon as there is more than at version `since`."""
        with self.changed:
            self.changed.wait_for(lambda: self.version > since, seconds)
            return {"version": self.version, "heard": list(self.heard), "waits": self.waits}

    def _wait(self, gather: Mapping[str, str]) -> str:
        spoken = sum(len(one["text"]) for one in self.heard if one["kind"] == "say")
        until = time.monotonic() + _seconds(gather) + spoken * _READING
        known = ""
        while time.monotonic() < until:
            if self._is_over:
                raise HungUpError
            if self._words or _is_enough(self._keys, gather):
                return self._words or self._keys
            if self._keys != known:
                known, until = self._keys, time.monotonic() + min(_seconds(gather), _PAUSE)
            self.changed.wait(_LOOK)
        return self._keys

    def _tell(self) -> None:
        self.version += 1
        self.changed.notify_all()


def _seconds(gather: Mapping[str, str]) -> float:
    text = gather.get("timeout", "5")
    return float(text) if text.isascii() and text.isdigit() else 5.0


def _is_enough(keys: str, gather: Mapping[str, str]) -> bool:
    limit = gather.get("numDigits", "")
    finish = gather.get("finishOnKey", "#")
    is_full = limit.isdigit() and len(keys) >= int(limit) > 0
    return bool(keys) and (is_full or any(key in finish for key in keys))
