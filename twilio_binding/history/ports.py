"""Interfaces that the history needs, and its values. Times are on the store's timeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from twilio_binding.history.counts import Count
from twilio_binding.model.actions import ALARM_CALL, CONTACT_CALL

NEWEST = 1e18
"""A position after every id and every time: begin with the newest."""
CALLS = ("makeCall", "makeTTSCall", ALARM_CALL, CONTACT_CALL)
"""The actions that make a call."""
Wall = Callable[[float], datetime]
"""Turns a time of the store's timeline into wall clock time."""


class Tallies(Protocol):
    """Stores hourly counts."""

    def since(self, hour: int) -> Sequence[tuple[int, Count, int]]:
        """Hour, count and number since an hour. Hours are counted from 1970 in local time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A number that wrote, called, was written to or was called; `thing` is the phone that was used last."""

    id: int
    number: str = field(repr=False)
    thing: str
    last: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PastEvent:
    """An event of the journal; `peer` is the number that wrote or called, "" for other events.

    `limited`: it was over a limit, and is not delivered. `waits_for` and `set_aside` are lanes.
    """

    id: int
    thing: str
    at: float
    channel: str
    payload: Mapping[str, Any] = field(repr=False)
    peer: str = field(default="", repr=False)
    limited: bool = False
    waits_for: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSend:
    """One recipient of a request in the outbox.

    `sid` and `status` come from Twilio, `problem` is why it was not sent; all are empty while it is in progress.
    """

    request: str
    part: int
    thing: str
    action: str
    args: Mapping[str, Any] = field(repr=False)
    to: str = field(repr=False)
    at: float
    sid: str = ""
    status: str = ""
    code: str = ""
    problem: str = ""

    @property
    def is_call(self) -> bool:
        """Whether it is a call, not a message."""
        return self.action in CALLS


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """An answer to a caller: from whom (rule, default, deadline ...), after how many seconds, and its TwiML."""

    event: int
    by: str
    seconds: float
    twiml: str


Pile = Literal["openhab", "mqtt", "openhab_aside", "mqtt_aside", "limited"]
"""Kinds of undelivered events: waiting for a lane, set aside by a lane, or over a limit."""


class Undone(Protocol):
    """Reads what was not delivered or sent."""

    def events(self, pile: Pile, before: float, limit: int) -> Sequence[PastEvent]:
        """Events of a kind before an id, newest first."""

    def count(self, pile: Pile) -> int:
        """The number of events of a kind."""

    def reasons(self, events: Sequence[int]) -> Mapping[tuple[int, str], str]:
        """Why events were set aside, by id and lane."""

    def send(self, request: str, part: int) -> StoredSend | None:
        """A send, by request and number of the recipient."""

    def sends(self, before: tuple[float, int], limit: int, *, failed: bool) -> Sequence[StoredSend]:
        """Sends of requests that are in progress, or failed, before a time and a recipient's number, newest first."""


class Peers(Protocol):
    """Numbers that wrote, called, were written to or were called."""

    def newest(self, before: tuple[float, float], limit: int) -> Sequence[Peer]:
        """The latest numbers before a time and an id, newest first."""

    def of(self, peer_id: int) -> Peer | None:
        """A number, by its id."""

    def ids(self, numbers: Sequence[str]) -> Mapping[str, int]:
        """The ids of numbers."""

    def matching(self, part: str, limit: int) -> Sequence[Peer]:
        """Numbers that contain this part, newest first."""


class PastEvents(Protocol):
    """Reads the journal."""

    def of_peer(self, number: str, before: float, limit: int) -> Sequence[PastEvent]:
        """Texts and calls of a number before an id, newest first."""

    def one(self, event_id: int) -> PastEvent | None:
        """An event."""

    def calls(self, before: float, limit: int) -> Sequence[PastEvent]:
        """Incoming calls before an id, newest first."""

    def about(self, sid: str, limit: int) -> Sequence[PastEvent]:
        """All events of a message or a call, oldest first."""

    def texts(self, before: float, span: int) -> tuple[Sequence[PastEvent], float | None]:
        """The texts among `span` events before an id, newest first, and the next position; None at the end."""

    def answers(self, events: Sequence[int]) -> Mapping[int, GivenAnswer]:
        """The answers to calls, by the ids of their events."""


class PastSends(Protocol):
    """Reads the outbox."""

    def to(self, number: str, before: float, limit: int) -> Sequence[StoredSend]:
        """Sends to a number before a moment, newest first."""

    def calls(self, before: tuple[float, int], limit: int) -> Sequence[StoredSend]:
        """Outgoing calls before a time and a recipient's number in it, newest first."""

    def of_sid(self, sid: str) -> StoredSend | None:
        """The send with this SID at Twilio."""

    def texts(self, before: float, span: int) -> tuple[Sequence[StoredSend], float | None]:
        """The texts among `span` requests before a time, newest first, and the next position; None at the end."""
