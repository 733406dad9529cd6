"""Calls with their steps: what came in, who answered and after how long, which keys were pressed, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from twilio_binding.history.delivery_statuses import Delivered, furthest
from twilio_binding.history.ports import NEWEST, GivenAnswer, PastEvent, PastEvents, PastSends, StoredSend, Wall
from twilio_binding.history.twiml_tree import Verb, verbs_of

_MOST_STEPS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSummary:
    """A call in a list. `sid` is "" if Twilio never received the call."""

    at: datetime
    number: str = field(repr=False)
    thing: str
    is_ours: bool
    sid: str
    delivered: Delivered
    keys: tuple[str, ...] = ()
    emergency: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCursor:
    """The position in the list: before an id of the journal; before a time and a recipient in the outbox."""

    event: float = NEWEST
    send: float = NEWEST
    part: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStep:
    """One event of a call, and its answer."""

    at: datetime
    event: PastEvent
    answer: GivenAnswer | None = None
    verbs: Sequence[Verb] = ()

    @property
    def has_recording(self) -> bool:
        """Whether there is a recording to play."""
        return bool(self.event.payload.get("recordingUrl"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStory:
    """Everything that is stored about a call; for our own calls, `request` is what requested it."""

    summary: CallSummary
    steps: Sequence[CallStep]
    request: StoredSend | None = None
    verbs: Sequence[Verb] = ()


class Calls:
    """Reads calls."""

    def __init__(self, events: PastEvents, sends: PastSends, *, wall: Wall) -> None:
        self._events = events
        self._sends = sends
        self._wall = wall

    def newest(self, cursor: CallCursor, limit: int) -> tuple[Sequence[CallSummary], CallCursor | None]:
        """Calls before a position, newest first, and the next position."""
        both: list[PastEvent | StoredSend] = [
            *self._events.calls(cursor.event, limit + 1),
            *self._sends.calls((cursor.send, cursor.part), limit + 1),
        ]
        both.sort(key=lambda one: -one.at)  # a stable order: the recipients of one request stay in order
        shown = both[:limit]
        event = min((one.id for one in shown if isinstance(one, PastEvent)), default=cursor.event)
        sends = [one for one in shown if isinstance(one, StoredSend)]
        send, part = (sends[-1].at, sends[-1].part) if sends else (cursor.send, cursor.part)
        older = CallCursor(event=event, send=send, part=part) if len(both) > limit else None
        return [self._received(one) if isinstance(one, PastEvent) else self._made(one) for one in shown], older

    def story(self, sid: str) -> CallStory | None:
        """Everything that is stored about a call; None if nothing is."""
        events = self._events.about(sid, _MOST_STEPS)
        send = self._sends.of_sid(sid)
        came = next((event for event in events if event.channel == "call-received"), None)
        if send is None and not events:
            return None
        summary = self._made(send) if send else self._received(came or events[0], events)
        answers = self._events.answers([event.id for event in events])
        document = str(send.args.get("twiml") or "") if send else ""
        return CallStory(
            summary=summary,
            steps=[self._step(event, answers.get(event.id)) for event in events],
            request=send,
            verbs=verbs_of(document),
        )

    def recording(self, event_id: int) -> tuple[str, str] | None:
        """The phone of a call's event, and the URL of its recording at Twilio; None if there is none."""
        event = self._events.one(event_id)
        url = str(event.payload.get("recordingUrl") or "") if event else ""
        return (event.thing, url) if event and url else None

    def _step(self, event: PastEvent, answer: GivenAnswer | None) -> CallStep:
        verbs = verbs_of(answer.twiml) if answer else ()
        return CallStep(at=self._wall(event.at), event=event, answer=answer, verbs=verbs)

    def _received(self, event: PastEvent, events: Sequence[PastEvent] | None = None) -> CallSummary:
        sid = str(event.payload.get("callSid", ""))
        events = self._events.about(sid, _MOST_STEPS) if events is None else events
        return CallSummary(
            at=self._wall(event.at),
            number=event.peer or str(event.payload.get("from", "")),
            thing=event.thing,
            is_ours=False,
            sid=sid,
            delivered=furthest(events),
            keys=_keys(events),
        )

    def _made(self, send: StoredSend) -> CallSummary:
        events = self._events.about(send.sid, _MOST_STEPS) if send.sid else ()
        return CallSummary(
            at=self._wall(send.at),
            number=send.to,
            thing=send.thing,
            is_ours=True,
            sid=send.sid,
            delivered=furthest(events, send),
            keys=_keys(events),
            emergency=send.args.get("emergency") is True,
        )


def _keys(events: Sequence[PastEvent]) -> tuple[str, ...]:
    pressed = (event.payload for event in events if event.channel == "dtmf-received")
    return tuple(str(payload.get("digits") or payload.get("speechResult") or "") for payload in pressed)
