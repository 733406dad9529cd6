"""One message or call of a conversation, with its pictures and status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from twilio_binding.history.delivery_statuses import Delivered, furthest
from twilio_binding.history.ports import GivenAnswer, PastEvent, PastEvents, StoredSend, Wall
from twilio_binding.history.twiml_tree import verbs_of
from twilio_binding.masking import mask_logins

_STATUSES = 20
"""Maximum number of events of one message that are read; Twilio reports about four statuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of a message. `place` is its position, from 0."""

    place: int
    url: str
    content_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message or call. `event` is that of an incoming one; `call_sid` is "" for messages.

    `reply` is the immediate answer to an incoming message, from `reply_by`.
    """

    at: datetime
    number: str = field(repr=False)
    thing: str
    is_ours: bool
    kind: Literal["text", "call"] = "text"
    text: str = field(default="", repr=False)
    pictures: tuple[Picture, ...] = ()
    event: PastEvent | None = None
    call_sid: str = ""
    delivered: Delivered | None = None
    emergency: bool = False
    reply: str = field(default="", repr=False)
    reply_by: str = ""


class EntryReader:
    """Creates entries from events and sends."""

    def __init__(self, events: PastEvents, *, wall: Wall) -> None:
        self._events = events
        self._wall = wall

    def all(self, both: Iterable[PastEvent | StoredSend]) -> Sequence[Entry]:
        """The entries of events and sends, in the same order."""
        both = tuple(both)
        texts = [one.id for one in both if isinstance(one, PastEvent) and one.channel != "call-received"]
        answers = self._events.answers(texts)
        return [
            self.received(one, answers.get(one.id)) if isinstance(one, PastEvent) else self.sent(one) for one in both
        ]

    def received(self, event: PastEvent, answer: GivenAnswer | None = None) -> Entry:
        """The entry of an incoming message or call."""
        payload = event.payload
        is_call = event.channel == "call-received"
        types = payload.get("mediaTypes", [])
        urls = payload.get("mediaUrls", [])
        return Entry(
            at=self._wall(event.at),
            number=event.peer,
            thing=event.thing,
            is_ours=False,
            kind="call" if is_call else "text",
            text=str(payload.get("body", "")),
            pictures=tuple(
                Picture(place=n, url=str(url), content_type=str(types[n]) if n < len(types) else "")
                for n, url in enumerate(urls)
            ),
            event=event,
            call_sid=str(payload.get("callSid", "")) if is_call else "",
            delivered=self._delivered(str(payload.get("callSid", ""))) if is_call else None,
            reply=_reply(answer.twiml) if answer else "",
            reply_by=answer.by if answer else str(payload.get("handledBy", "")),
        )

    def sent(self, send: StoredSend) -> Entry:
        """The entry of an outgoing message or call."""
        is_call = send.is_call
        urls = send.args.get("mediaUrl") or []
        return Entry(
            at=self._wall(send.at),
            number=send.to,
            thing=send.thing,
            is_ours=True,
            kind="call" if is_call else "text",
            text=str(send.args.get("text" if is_call else "message") or ""),
            pictures=tuple(
                Picture(place=n, url=mask_logins(str(url)))
                for n, url in enumerate(urls if isinstance(urls, list) else [urls])
            ),
            call_sid=send.sid if is_call else "",
            delivered=self._delivered(send.sid, send),
            emergency=send.args.get("emergency") is True,
        )

    def _delivered(self, sid: str, send: StoredSend | None = None) -> Delivered:
        return furthest(self._events.about(sid, _STATUSES) if sid else (), send)


def _reply(document: str) -> str:
    """The messages in the TwiML that answers a message."""
    messages = (verb for verb in verbs_of(document) if verb.name == "Message")
    return "\n".join(" ".join(filter(None, (one.text, *(each.text for each in one.verbs)))) for one in messages)
