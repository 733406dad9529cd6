"""Events from the service to the script, and the outcome of each.

The call `events` carries `{"events": [...]}`, at most `MAX_EVENTS`. Its answer is `{"answers": [...]}`, one for each
event, in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

from .errors import Refusal
from .json_fields import as_array, objects, text
from .json_text import to_bytes
from .values import dataclass

MAX_EVENTS = 200

Outcome = Literal["done", "seen", "unknown_thing", "unknown_channel", "not_ready", "bad_state", "failed"]
"""The outcome of an event. `seen`: an event with this id was handled before, so nothing was done. `not_ready`: openHAB has the thing, but its handler does not run (yet). `bad_state`: a state is invalid; the other states and the trigger were sent."""
FINAL: frozenset[Outcome] = frozenset(("done", "seen", "bad_state"))
"""Outcomes after which the event must not be sent again."""
_HOLDING: frozenset[Outcome] = frozenset(("unknown_thing", "not_ready", "failed"))
"""Outcomes after which the event may still take effect, on this way or another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeEvent:
    """States of a thing in order, then a trigger (channel "" for none). `id` is never reused."""

    id: str
    thing: str
    states: tuple[tuple[str, str], ...] = ()
    channel: str = ""
    payload: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventAnswer:
    """The outcome of the event `id`; `text` says why, for people."""

    id: str
    outcome: Outcome
    text: str = ""


def answer_in_order(events: Sequence[BridgeEvent], answer: Callable[[BridgeEvent], EventAnswer]) -> list[EventAnswer]:
    """Carry out events in order with `answer`.

    After an event that may take effect later, later events of its thing are skipped with the same outcome, so that the
    order is kept.
    """
    held: dict[str, Outcome] = {}
    answers: list[EventAnswer] = []
    for event in events:
        outcome = held.get(event.thing)
        if outcome is None:
            answers.append(answer(event))
        else:
            answers.append(EventAnswer(id=event.id, outcome=outcome, text="it waits for an earlier event of its thing"))
        if answers[-1].outcome in _HOLDING:
            held[event.thing] = answers[-1].outcome
    return answers


def encode_events(events: Sequence[BridgeEvent]) -> bytes:
    """The body of the call `events`."""
    return to_bytes(
        {
            "events": [
                {
                    "id": event.id,
                    "thing": event.thing,
                    "states": [list(state) for state in event.states],
                    "channel": event.channel,
                    "payload": event.payload,
                }
                for event in events
            ]
        }
    )


def decode_events(body: bytes) -> list[BridgeEvent]:
    """Read the body of the call `events`; raises `Refusal`."""
    found = objects(body, "events")
    if len(found) > MAX_EVENTS:
        raise Refusal("too_large", f"at most {MAX_EVENTS} events at a time")
    return [
        BridgeEvent(
            id=text(entry, "id"),
            thing=text(entry, "thing"),
            states=tuple([_state(state) for state in as_array(entry.get("states"))]),
            channel=text(entry, "channel"),
            payload=text(entry, "payload"),
        )
        for entry in found
    ]


def encode_answers(answers: Sequence[EventAnswer]) -> bytes:
    """The answer to the call `events`."""
    return to_bytes({"answers": [{"id": one.id, "outcome": one.outcome, "text": one.text} for one in answers]})


def decode_answers(body: bytes) -> list[EventAnswer]:
    """Read the answer to the call `events`; raises `Refusal`."""
    return [
        EventAnswer(id=text(entry, "id"), outcome=_outcome(text(entry, "outcome")), text=text(entry, "text"))
        for entry in objects(body, "answers")
    ]


def _state(value: object) -> tuple[str, str]:
    pair = as_array(value)
    if len(pair) == 2:
        channel, state = pair
        if isinstance(channel, str) and isinstance(state, str):
            return channel, state
    raise Refusal("malformed", "a state must be a channel and a string")


def _outcome(value: str) -> Outcome:
    for outcome in get_args(Outcome):
        if outcome == value:
            return outcome  # type: ignore[no-any-return]
    raise Refusal("malformed", "unknown outcome")
