"""What the history needs from the outside, and the values that go with it. Moments are on the store's timeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from twilio_binding.history.counts import Count
from twilio_binding.model.actions import ALARM_CALL, CONTACT_CALL

NEWEST = 1e18
"""Beyond every id and every moment: begin with the newest."""
CALLS = ("makeCall", "makeTTSCall", ALARM_CALL, CONTACT_CALL)
"""The actions that call somebody."""
Wall = Callable[[float], datetime]
"""A moment of the store's timeline as clocks on the wall show it."""


class Tallies(Protocol):
    """Counts by the hour, kept durably."""

    def since(self, hour: int) -> Sequence[tuple[int, Count, int]]:
        """Hour, count and number from an hour on. Hours are counted from 1970 in local time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A number that wrote, called, was written to or was called; `thing` is the phone with which that was last."""

    id: int
    number: str = field(repr=False)
    thing: str
    last: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PastEvent:
    """An event of the journal; `peer` is the number that wrote or called, "" for others.

    `limited`: it was beyond a limit, and is not delivered. `waits_for` and `set_aside` are lanes.
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

    `sid` and `status` are those that Twilio gave it, `problem` is why it was not sent; none of them while it is open.
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
        """Whether somebody is called, and not written to."""
        return self.action in CALLS


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """What a caller was answered: by whom (rule, default, deadline ...), after how many seconds, and what."""

    event: int
    by: str
    seconds: float
    twiml: str


Pile = Literal["openhab", "mqtt", "openhab_aside", "mqtt_aside", "limited"]
"""Events that were not delivered: to a lane yet, to a lane for good, or because they were beyond a limit."""


class Undone(Protocol):
    """Reads what is not done."""

    def events(self, pile: Pile, before: float, limit: int) -> Sequence[PastEvent]:
        """Events of a pile before an id, newest first."""

    def count(self, pile: Pile) -> int:
        """How many there are."""

    def reasons(self, events: Sequence[int]) -> Mapping[tuple[int, str], str]:
        """Why events were set aside, by id and lane."""

    def send(self, request: str, part: int) -> StoredSend | None:
        """A send by its request and the number of its recipient."""

    def sends(self, before: tuple[float, int], limit: int, *, failed: bool) -> Sequence[StoredSend]:
        """Sends of requests that are open, or that failed, before a moment and a number of a recipient, newest first."""


class Peers(Protocol):
    """Everybody who wrote, called, was written to or was called."""

    def newest(self, before: tuple[float, float], limit: int) -> Sequence[Peer]:
        """Those who did so last before a moment and an id, newest first."""

    def of(self, peer_id: int) -> Peer | None:
        """One of them."""

    def ids(self, numbers: Sequence[str]) -> Mapping[str, int]:
        """Their ids by number."""

    def matching(self, part: str, limit: int) -> Sequence[Peer]:
        """Those whose number has this part, newest first."""


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
        """The texts among `span` events before an id, newest first, and where to go on; None at the end."""

    def answers(self, events: Sequence[int]) -> Mapping[int, GivenAnswer]:
        """The answers of calls, by the ids of their events."""


class PastSends(Protocol):
    """Reads the outbox."""

    def to(self, number: str, before: float, limit: int) -> Sequence[StoredSend]:
        """Sends to a number before a moment, newest first."""

    def calls(self, before: tuple[float, int], limit: int) -> Sequence[StoredSend]:
        """Outgoing calls before a moment and a number of a recipient in it, newest first."""

    def of_sid(self, sid: str) -> StoredSend | None:
        """The send that Twilio gave this SID."""

    def texts(self, before: float, span: int) -> tuple[Sequence[StoredSend], float | None]:
        """The texts among `span` requests before a moment, newest first, and where to go on; None at the end."""
