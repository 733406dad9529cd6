"""The person at the phone in the console, who hears, presses keys and speaks during a call."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from twilio_binding.sandbox.twilio.interruption import HungUpError

_READING = 0.06
"""Seconds to say one character."""
_PAUSE = 5.0
"""Seconds after the last key, after which Twilio waits for no more keys."""
_LOOK = 0.1


class LivePad:
    """What one caller or called person hears and does. `version` grows with each event, and `changed` is notified."""

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
        """Note what is said or played, or what the caller did. `kind` says which."""
        with self.changed:
            self.heard.append({"kind": kind, "text": text})
            self._tell()

    def answer(self) -> None:
        """Answer the call."""
        with self.changed:
            self._is_answered = True
            self._tell()

    def wait_for_answer(self, seconds: float) -> bool | None:
        """Whether the call was answered (True) or declined (False); None if neither happened within `seconds`."""
        with self.changed:
            self.changed.wait_for(lambda: self._is_answered or self._is_over, seconds)
            return self._is_answered if self._is_answered or self._is_over else None

    @property
    def is_answered(self) -> bool:
        """Whether the called person has answered."""
        return self._is_answered

    def press(self, keys: str) -> None:
        """Press keys. As at Twilio, they only count while a Gather waits."""
        with self.changed:
            if self.waits is not None:
                self._keys += keys
                self._tell()

    def say(self, words: str) -> None:
        """Speak. The words only count while a Gather waits."""
        with self.changed:
            if self.waits is not None:
                self._words = words
                self._tell()

    def hang_up(self) -> None:
        """Hang up."""
        with self.changed:
            self._is_over = True
            self._tell()

    def next(self, gather: Mapping[str, str]) -> str:
        """The keys or words at a Gather; "" if there are none in time. Raises `HungUpError`."""
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
        """All events, and the number of keys that were pressed at this Gather. Returns when there is news since version `since`, or after `seconds`."""
        with self.changed:
            self.changed.wait_for(lambda: self.version > since, seconds)
            told = {"version": self.version, "heard": list(self.heard), "waits": self.waits}
            return told | {"pressed": len(self._keys)}

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
