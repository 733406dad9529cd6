"""Who hears, types and speaks in a call."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Protocol

from twilio_binding.sandbox.twilio.interruption import HungUpError


class CallParty(Protocol):
    """Who hears, types and speaks in a call."""

    def hear(self, kind: str, text: str) -> None:
        """Something is said or played."""

    def next(self, gather: Mapping[str, str]) -> str:
        """What is typed or said at a Gather with these attributes, "" for nothing; raises `HungUpError`."""


class Scripted:
    """Types one after another ("" for nothing; words are speech); `hangup` hangs up at that point."""

    def __init__(self, script: Sequence[str]) -> None:
        self._script = deque(script)

    def hear(self, kind: str, text: str) -> None:
        """Do nothing about it."""

    def next(self, _: Mapping[str, str]) -> str:
        """What comes next in the script."""
        given = self._script.popleft() if self._script else ""
        if given == "hangup":
            raise HungUpError
        return given
