"""Opt-outs: the meaning of STOP and START, and of Twilio's refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

TWILIO_CODE = "twilio.21610"
"""Twilio's error code for a recipient who opted out."""
Heard = Literal["out", "in"]
_ASK_AGAIN = 86400.0
_START_WORDS = frozenset(("start", "unstop", "yes"))


@dataclass(frozen=True, slots=True)
class OptOut:
    """An opt-out; `by_stop`: we read the STOP ourselves, otherwise Twilio reported it at `at` (seconds since 1970)."""

    at: float
    by_stop: bool

    def holds(self, now: float) -> bool:
        """Whether it applies now. A report from Twilio expires after a day, because we may have missed a START."""
        return self.by_stop or 0 <= now - self.at < _ASK_AGAIN


def heard(fields: Mapping[str, str]) -> Heard | None:
    """The meaning of an incoming message for opt-outs.

    A bare STOP means nothing by itself: rules may use it as a command, and if Twilio heeds it, Twilio refuses the next
    send. A bare START ends a stored opt-out, which does no harm if it is wrong: Twilio would refuse again.
    """
    kind = fields.get("OptOutType", "").upper()
    if kind == "STOP":
        return "out"
    if kind == "START" or (not kind and fields.get("Body", "").strip().lower() in _START_WORDS):
        return "in"
    return None
