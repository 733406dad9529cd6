"""Interfaces that sending needs, and their values."""

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
"""Returns whether a send, by request id, is no longer wanted; called for alarms, before each request to Twilio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Twilio's record of a message or call."""

    sid: str
    status: str
    segments: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One recipient of a stored request.

    `asked` is when Twilio was last asked to send (seconds since 1970), 0 if never; `looks` is the number of look-ups
    since then.
    """

    number: int
    to: str
    asked: float = 0.0
    looks: int = 0
    outcome: Sent | Reply | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A request in the outbox. `new` is False if the id was stored before; `reply` is its reply if it has ended."""

    request: Request
    parts: tuple[Part, ...]
    new: bool = True
    reply: Reply | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """One send as counted for the limits: to one recipient of a request, once."""

    request: str
    part: int
    account: str
    phone: str
    recipient: str
    kind: Kind


class Ledger(Protocol):
    """Stores counts of sends."""

    def ask(self, booking: Booking, limits: Sequence[Limit], *, now: float, asked: float) -> tuple[Limit, float] | None:
        """Book a send, once, and note that Twilio is `asked` now.

        If a limit is reached, nothing is stored; returns the limit, and when it is free again (seconds since 1970).
        """


class Outbox(Ledger, Protocol):
    """Stores requests before Twilio is asked."""

    def admit(self, request: Request, recipients: Sequence[str]) -> Stored:
        """Store a request, or return the one with the same id."""

    def enter(self, request: Request, recipients: Sequence[str], *, urgent: bool = False) -> Future[Stored]:
        """Like `admit`, without waiting. Callbacks of the future must not wait for the outbox."""

    def looked(self, request_id: str, part: int, looks: int) -> None:
        """Store the number of look-ups."""

    def settled(self, booking: Booking, outcome: Sent | Reply, *, counts: bool, reply: Reply | None = None) -> None:
        """Store the outcome for one recipient and, with `reply`, the end of the request; if it `counts`, it stays booked."""

    def closed(self, request_id: str, reply: Reply) -> None:
        """Store the end of a request."""

    def find(self, request_id: str) -> Stored | None:
        """The request with this id; None if there is none."""

    def unfinished(self) -> Sequence[Stored]:
        """Unfinished requests of earlier processes."""

    def is_claimed(self, sid: str) -> bool:
        """Whether a message or call at Twilio already belongs to a request."""


class OptOutBook(Protocol):
    """Stores opt-outs by sender and recipient."""

    def of(self, sender: str, recipient: str) -> OptOut | None:
        """The opt-out of a pair."""

    def put(self, sender: str, recipient: str, opt_out: OptOut | None) -> None:
        """Store an opt-out, or delete it with None."""


class Gateway(Protocol):
    """Twilio's REST API."""

    def send(self, account: Account, phone: Phone, send: Send, to: str, *, callback: str | None) -> Sent:
        """Send one message or make one call; raises `TwilioError` or `OutcomeUnknownError`."""

    def find(self, account: Account, phone: Phone, send: Send, to: str, *, since: float) -> Sequence[Sent]:
        """Twilio's records of such messages or calls since a time (of Twilio's clock), oldest first."""

    def now(self) -> float:
        """Twilio's clock in seconds since 1970, as far as it is known: ours may be wrong, or be set at any time."""
