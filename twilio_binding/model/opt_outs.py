"""Opt-outs: the meaning of STOP and START, and of Twilio's refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

TWILIO_CODE = "twilio.21610"
"""Twilio's answer to a send to somebody who opted out."""
Heard = Literal["out", "in"]
_ASK_AGAIN = 86400.0
_START_WORDS = frozenset(("start", "unstop", "yes"))


@dataclass(frozen=True, slots=True)
class OptOut:
    """Somebody opted out; `by_stop` says that we read their STOP, else Twilio told us at `at` (epoch seconds)."""

    at: float
    by_stop: bool

    def holds(self, now: float) -> bool:
        """Whether it is binding now. Twilio's word is asked for again after a day: we may have missed a START."""
        return self.by_stop or 0 <= now - self.at < _ASK_AGAIN


def heard(fields: Mapping[str, str]) -> Heard | None:
    """What an incoming message says about opting out.

    A bare STOP means nothing by itself: rules may have it as a command, and where Twilio heeds it, it tells us when
    we send. A bare START ends what we remember, which costs nothing where it is wrong: Twilio would refuse again.
    """
    kind = fields.get("OptOutType", "").upper()
    if kind == "STOP":
        return "out"
    if kind == "START" or (not kind and fields.get("Body", "").strip().lower() in _START_WORDS):
        return "in"
    return None
