"""What was not delivered or not sent, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast, get_args

from twilio_binding.history.ports import PastEvent, Pile, StoredSend, Undone, Wall

Part = Literal[Pile, "open", "failed"]
PARTS: tuple[Part, ...] = ("failed", "openhab_aside", "mqtt_aside", "openhab", "mqtt", "open", "limited")
"""Ordered by urgency for the user."""
_WAITS = ("openhab", "mqtt")
_ASIDE = {"openhab_aside": "openhab", "mqtt_aside": "mqtt"}


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoneEvent:
    """An undelivered event; `lane` is the one to retry, "" if there is none."""

    at: datetime
    event: PastEvent
    lane: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoneSend:
    """A send that is in progress or failed."""

    at: datetime
    send: StoredSend


@dataclass(frozen=True, slots=True, kw_only=True)
class UndonePart:
    """Pending or failed entries of one kind, newest first. `number` is the total, None if it was not counted.

    `older` is where the next page begins.
    """

    name: Part
    reason: str = ""
    events: Sequence[UndoneEvent] = ()
    sends: Sequence[UndoneSend] = ()
    number: int | None = None
    older: tuple[float, int] | None = None


class UndoneThings:
    """Reads what was not delivered or sent. `reason_of` returns why a lane does not deliver now, "" if it does."""

    def __init__(self, undone: Undone, *, reason_of: Callable[[str], str], wall: Wall) -> None:
        self._undone = undone
        self._reason_of = reason_of
        self._wall = wall

    def part(self, name: Part, before: tuple[float, int], limit: int) -> UndonePart:
        """Entries of one kind before a position."""
        if name in ("open", "failed"):
            return self._sends(name, before, limit)
        pile = cast("Pile", name)
        events = self._undone.events(pile, before[0], limit + 1)
        shown = events[:limit]
        lane = _ASIDE.get(pile, pile if pile in _WAITS else "")
        reasons: Mapping[tuple[int, str], str] = self._undone.reasons([event.id for event in shown])
        return UndonePart(
            name=name,
            reason=self._reason_of(pile) if pile in _WAITS else "",
            events=[
                UndoneEvent(at=self._wall(event.at), event=event, lane=lane, reason=reasons.get((event.id, lane), ""))
                for event in shown
            ],
            number=self._undone.count(pile),
            older=(shown[-1].id, 0) if len(events) > limit else None,
        )

    def send(self, request: str, part: int) -> StoredSend | None:
        """A send, by request and number of the recipient."""
        return self._undone.send(request, part)

    def _sends(self, name: Part, before: tuple[float, int], limit: int) -> UndonePart:
        sends = self._undone.sends(before, limit + 1, failed=name == "failed")
        shown = sends[:limit]
        return UndonePart(
            name=name,
            sends=[UndoneSend(at=self._wall(send.at), send=send) for send in shown],
            older=(shown[-1].at, shown[-1].part) if len(sends) > limit else None,
        )


def is_part(name: str) -> bool:
    """Whether this kind exists."""
    return name in (*get_args(Pile), "open", "failed")
