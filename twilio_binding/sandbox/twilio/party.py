"""The person in a call, who hears, presses keys and speaks."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Protocol

from twilio_binding.sandbox.twilio.interruption import HungUpError


class CallParty(Protocol):
    """The person in a call, who hears, presses keys and speaks."""

    def hear(self, kind: str, text: str) -> None:
        """Hear what is said or played. `kind` says which."""

    def next(self, gather: Mapping[str, str]) -> str:
        """The keys or words at a Gather with these attributes; "" for none. Raises `HungUpError`."""


class Scripted:
    """A person with a script: keys, words or "" for each Gather; `hangup` hangs up at that point."""

    def __init__(self, script: Sequence[str]) -> None:
        self._script = deque(script)

    def hear(self, kind: str, text: str) -> None:
        """Ignore it."""

    def next(self, _: Mapping[str, str]) -> str:
        """The next entry of the script."""
        given = self._script.popleft() if self._script else ""
        if given == "hangup":
            raise HungUpError
        return given
