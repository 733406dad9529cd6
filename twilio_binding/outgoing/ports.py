"""What sending needs from the outside, and the values that go with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from twilio_binding.model.actions import Send
from twilio_binding.model.limits import Kind, Limit
from twilio_binding.model.opt_outs import OptOut
from twilio_binding.model.things import Account, Phone
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request

Withdrawn = Callable[[str], bool]
"""Whether the send of a request's id is not wanted any more; asked for those of alarms, each time before Twilio is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Twilio's record of a message or call."""

    sid: str
    status: str
    segments: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One recipient of a stored request.

    `asked` is when Twilio was last asked to send (epoch), 0 when it never was; `looks` is how often Twilio has been
    asked since then what became of that.
    """

    number: int
    to: str
    asked: float = 0.0
    looks: int = 0
    outcome: Sent | Reply | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A request in the outbox. `new` is False when the same id was there before; `reply` is how it ended."""

    request: Request
    parts: tuple[Part, ...]
    new: bool = True
    reply: Reply | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """One send as it counts towards the limits: to one recipient of a request, once."""

    request: str
    part: int
    account: str
    phone: str
    recipient: str
    kind: Kind


class Ledger(Protocol):
    """Counts sends durably."""

    def ask(self, booking: Booking, limits: Sequence[Limit], *, now: float, asked: float) -> tuple[Limit, float] | None:
        """Book a send, once, and note that Twilio is `asked` now.

        Where a limit is reached nothing is noted: returns the limit, and when it is free again (epoch seconds).
        """


class Outbox(Ledger, Protocol):
    """Stores action requests durably before Twilio is asked."""

    def admit(self, request: Request, recipients: Sequence[str]) -> Stored:
        """Store a request, or find the one of the same id."""

    def enter(self, request: Request, recipients: Sequence[str], *, urgent: bool = False) -> Future[Stored]:
        """Like `admit`, without waiting. Callbacks of the future must not wait for the outbox."""

    def looked(self, request_id: str, part: int, looks: int) -> None:
        """Note how often Twilio has been asked what became of it."""

    def settled(self, booking: Booking, outcome: Sent | Reply, *, counts: bool, reply: Reply | None = None) -> None:
        """Note what became of one recipient and, with `reply`, how the request ended; one that `counts` stays booked."""

    def closed(self, request_id: str, reply: Reply) -> None:
        """Note how the request ended."""

    def find(self, request_id: str) -> Stored | None:
        """The request with this id; None if there is none."""

    def unfinished(self) -> Sequence[Stored]:
        """Requests that an earlier run of the process left open."""

    def is_claimed(self, sid: str) -> bool:
        """Whether a message or call of Twilio belongs to a request already."""


class OptOutBook(Protocol):
    """Remembers durably who opted out, by sender and recipient."""

    def of(self, sender: str, recipient: str) -> OptOut | None:
        """What is known of the pair."""

    def put(self, sender: str, recipient: str, opt_out: OptOut | None) -> None:
        """Remember or, with None, forget it."""


class Gateway(Protocol):
    """Twilio's REST API."""

    def send(self, account: Account, phone: Phone, send: Send, to: str, *, callback: str | None) -> Sent:
        """Send one message or make one call; raises `TwilioError` or `OutcomeUnknownError`."""

    def find(self, account: Account, phone: Phone, send: Send, to: str, *, since: float) -> Sequence[Sent]:
        """What Twilio has of such a message or call since a moment (of Twilio's clock), oldest first."""

    def now(self) -> float:
        """Twilio's clock in seconds since 1970, as far as it is known: ours may be wrong, and may be set at any time."""
