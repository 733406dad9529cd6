"""The state machine of an alarm, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

State = Literal["idle", "alerting", "acknowledged", "exhausted"]
Input = Literal["start", "step", "over", "acknowledge", "end"]
"""It is started; its next step is due; it has no step left; somebody takes it; it is ended."""
Effect = Literal["open", "step", "stop", "tell_taken", "recall", "announce"]
"""Begin a new run; carry out the next step; stop what is under way, calls included; tell those who were told who took
it; tell them that it is over; tell openHAB and MQTT."""

STATES: tuple[State, ...] = ("idle", "alerting", "acknowledged", "exhausted")
INPUTS: tuple[Input, ...] = ("start", "step", "over", "acknowledge", "end")


@dataclass(frozen=True, slots=True)
class Decision:
    """The next state, and what is to be done, in this order."""

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
"""Whatever is not here changes nothing: an alarm that is alerting is not started again, the first who takes it has it."""


def decide(state: State, given: Input) -> Decision:
    """The decision for an input."""
    return TABLE.get((state, given), Decision(state))
