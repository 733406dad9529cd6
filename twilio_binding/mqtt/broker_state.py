"""Whether the broker can be used, and why not."""

from __future__ import annotations

import threading
from typing import Literal

from twilio_binding.subscribers import Subscribers

Phase = Literal["new", "opening", "reopening", "greeted", "up", "broken", "down"]
Happening = Literal["open", "greet", "serve", "refuse", "break", "end"]

_BEGINS: dict[Phase, Phase] = {"new": "opening", "broken": "opening", "down": "reopening"}
_TABLE: dict[Happening, dict[Phase, Phase]] = {
    "open": _BEGINS,
    "greet": {"opening": "greeted", "reopening": "greeted"},
    "serve": {"greeted": "up"},
    "refuse": {"opening": "down", "reopening": "down"},
    "break": {"greeted": "broken", "up": "broken"},
    "end": {"opening": "down", "reopening": "down", "greeted": "broken", "up": "broken"},
}
"""The next phase by event; phases that are not listed stay."""


class BrokerState:
    """The phase of a connection. It changes on the connection's thread, and can be read on any.

    An attempt begins with `open` and ends with `end`. Between them, the broker greets or refuses. After a greeting, the
    connection is up from its subscription requests (`serve`) until it breaks. `reason` says why the broker cannot be
    used, "" while it can: `is_up`. `is_down`: the last attempt to connect failed. `place` is the address of the broker,
    for messages.
    """

    failed: Subscribers[str]
    """Notified with the reason when the broker cannot be used for a new reason."""

    def __init__(self, *, place: str) -> None:
        self._place = place
        self.phase: Phase = "new"
        self.is_up = self.is_down = False
        self.reason = "not connected yet"
        self.failed = Subscribers()
        self.stopping = threading.Event()
        self._up = threading.Event()

    @property
    def is_opening(self) -> bool:
        """Whether the broker has not greeted yet."""
        return self.phase in ("opening", "reopening")

    @property
    def has_greeted(self) -> bool:
        """Whether the broker has greeted in this attempt."""
        return self.phase in ("greeted", "up", "broken")

    def happened(self, what: Happening) -> None:
        """Go to the next phase."""
        self.phase = _TABLE[what].get(self.phase, self.phase)
        if self.phase == "greeted":
            self.reason = ""
        self.is_up, self.is_down = self.phase == "up", self.phase in ("down", "reopening")
        if self.is_up:
            self._up.set()
        else:
            self._up.clear()

    def blame(self, reason: str) -> None:
        """Note why the broker cannot be used."""
        if reason != self.reason:
            self.reason = reason
            self.failed.notify(f"{reason}; {self._place}")

    def wait(self, seconds: float) -> bool:
        """Wait until the broker can be used; returns whether it can."""
        return self._up.wait(seconds)
