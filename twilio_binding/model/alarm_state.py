"""The state machine of an alarm, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

State = Literal["idle", "alerting", "acknowledged", "exhausted"]
Input = Literal["start", "step", "over", "acknowledge", "end"]
"""The alarm is started; the next step is due; no step is left; somebody acknowledges; it is ended."""
Effect = Literal["open", "step", "stop", "tell_taken", "recall", "announce"]
"""Begin a new run; carry out the next step; stop work in progress, including calls; notify people who acknowledged; notify them that it is over; notify openHAB and MQTT."""

STATES: tuple[State, ...] = ("idle", "alerting", "acknowledged", "exhausted")
INPUTS: tuple[Input, ...] = ("start", "step", "over", "acknowledge", "end")


@dataclass(frozen=True, slots=True)
class Decision:
    """The next state, and the effects, in this order."""

    state: State
    effects: tuple[Effect, ...] = ()


_START = Decision("alerting", ("open", "step", "announce"))
_AGAIN = Decision("alerting", ("stop", "open", "step", "announce"))
_TAKEN = Decision("acknowledged", ("stop", "tell_taken", "announce"))
_ENDED = Decision("idle", ("stop", "recall", "announce"))

TABLE: Mapping[tuple[State, Input], Decision] = {
    ("idle", "start"): _START,
    ("alerting", "step"): Decision("alerting", ("step", "announce")),
    ("alerting", "over"): Decision("exhausted", ("announce",)),
    ("alerting", "acknowledge"): _TAKEN,
    ("alerting", "end"): _ENDED,
    ("acknowledged", "start"): _AGAIN,
    ("acknowledged", "end"): _ENDED,
    ("exhausted", "start"): _AGAIN,
    ("exhausted", "acknowledge"): _TAKEN,
    ("exhausted", "end"): _ENDED,
}
"""Other inputs change nothing: an alarm that is alerting is not started again, and the first acknowledgement counts."""


def decide(state: State, given: Input) -> Decision:
    """The decision for an input."""
    return TABLE.get((state, given), Decision(state))
