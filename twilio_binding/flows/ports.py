"""What the flows need from the outside: the Protocols that the adapters implement, and the values they exchange."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal, Protocol

from twilio_binding.errors import TwilioBindingError
from twilio_binding.model.actions import Send
from twilio_binding.model.events import Event
from twilio_binding.model.incoming_numbers import IncomingNumber, Rival, Settings
from twilio_binding.model.limits import Kind, Limit
from twilio_binding.model.opt_outs import OptOut
from twilio_binding.model.things import Account, Phone, Things
from twilio_binding.protocol import Reply, Request

Lane = Literal["openhab", "mqtt"]


class NeighbourAwayError(TwilioBindingError):
    """A neighbour cannot be reached or is not ready yet; what was to be done is done again later."""

    code = "neighbour_away"
    retryable = True


class TwilioError(TwilioBindingError):
    """Twilio refused, or was not reached before the request left us: nothing was sent.

    `inactive`: the account is suspended or closed. `forbidden`: the credentials are right and may not do this.
    `retry_after` is how many seconds Twilio wants to be left alone, 0 when it does not say.
    """

    def __init__(
        self, code: str, message: str, *, retryable: bool = False, inactive: bool = False, forbidden: bool = False
    ) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable
        self.inactive = inactive
        self.forbidden = forbidden
        self.retry_after = 0.0

    @property
    def is_too_many(self) -> bool:
        """Whether we only ask too often."""
        return self.code in ("twilio.20429", "twilio.429")


class OutcomeUnknownError(TwilioBindingError):
    """The request left us and no answer came: Twilio may or may not have taken it."""

    code = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the journal says of a webhook: new or seen before, and the answer that the first copy got.

    `replayed` says that somebody sends what Twilio had sent once, perhaps taken apart in another way: it has no effect.
    """

    id: int
    new: bool
    answer: str | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An event on its way out. `stale` says that its trigger is no longer worth firing; `age` is in seconds."""

    id: int
    event: Event
    stale: bool = False
    age: float = 0.0


Deliver = Callable[[Sequence[Delivery]], Mapping[int, str] | None]
"""Delivers events, or raises `NeighbourAwayError`; returns the ids of those that can never be, and why.

Raises `ThingsNotReadyError` when some have to wait, and all others were delivered.
"""


class ThingsNotReadyError(TwilioBindingError):
    """The things of some events are not ready; all others were delivered."""

    code = "thing_not_ready"
    retryable = True

    def __init__(self, waiting: Sequence[Delivery]) -> None:
        super().__init__(", ".join(sorted({delivery.event.thing for delivery in waiting})))
        self.waiting = waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What Twilio made of a message or a call."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What we know of a number's webhooks: as they were before us, and as we wrote them.

    `confirmed`: Twilio had them so afterwards. `left_alone`: they were put back, and are not to be written.
    """

    before: Settings
    wrote: Settings
    confirmed: bool = False
    left_alone: bool = False


class ThingsSource(Protocol):
    """Where the configured things are known."""

    def current(self) -> Things:
        """The last good configuration."""


class Journal(Protocol):
    """Stores webhooks durably and remembers what is still to be delivered."""

    def record(self, event: Event, *, patience: float | None = None, limited: bool = False) -> Recorded:
        """Store the event and its deliveries in one transaction; returns when that is on disk.

        Raises after `patience` seconds; the event may then be stored later. One that is `limited` is not delivered.
        """

    def knows(self, event: Event) -> bool:
        """Whether the event, or one with the same signature, was recorded at any time."""

    def answered(self, event_id: int, answer: str) -> None:
        """Remember the answer for a second copy."""

    def pending(self, lane: Lane, *, urgent: bool, limit: int, without: Collection[str] = ()) -> Sequence[Delivery]:
        """The oldest events that `lane` has not delivered, in order, but those of some things."""

    def delivered(self, lane: Lane, deliveries: Sequence[Delivery], *, set_aside: Collection[int] = ()) -> None:
        """Note that these need not be delivered again, and that their states are the last ones.

        Those with the ids of `set_aside` could not be delivered.
        """

    def if_it_reached_all(self, event_id: int, then: Callable[[], None]) -> None:
        """Call `then` soon, perhaps more than once, if every lane has delivered the event."""

    def last_states(self) -> dict[str, str]:
        """The last delivered state of each channel UID."""


class Outbox(Protocol):
    """Stores action requests durably before Twilio is asked."""

    def admit(self, request: Request, recipients: Sequence[str]) -> Stored:
        """Store a request, or find the one of the same id."""

    def enter(self, request: Request, recipients: Sequence[str], *, urgent: bool = False) -> Future[Stored]:
        """Like `admit`, without waiting. Callbacks of the future must not wait for the outbox."""

    def asked(self, request_id: str, part: int, at: float) -> None:
        """Note, on disk, that Twilio is asked now."""

    def looked(self, request_id: str, part: int, looks: int) -> None:
        """Note how often Twilio has been asked what became of it."""

    def settled(self, request_id: str, part: int, outcome: Sent | Reply) -> None:
        """Note what became of one recipient."""

    def closed(self, request_id: str, reply: Reply) -> None:
        """Note how the request ended."""

    def unfinished(self) -> Sequence[Stored]:
        """Requests that an earlier run of the process left open."""

    def is_claimed(self, sid: str) -> bool:
        """Whether a message or call of Twilio belongs to a request already."""


class Ledger(Protocol):
    """Counts sends durably."""

    def book(self, booking: Booking, limits: Sequence[Limit], now: float) -> tuple[Limit, float] | None:
        """Book a send, once; or tell the limit that is reached, and when it is free again (epoch seconds)."""

    def release(self, booking: Booking) -> None:
        """Take a booking back."""


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


class Numbers(Protocol):
    """The numbers of an account at Twilio. Methods raise `TwilioError` or `OutcomeUnknownError`."""

    def find(self, account: Account, phone_number: str) -> IncomingNumber | None:
        """The number of the account, None when it has no such number."""

    def all(self, account: Account) -> Sequence[IncomingNumber]:
        """Every number of the account."""

    def read(self, account: Account, sid: str) -> IncomingNumber:
        """A number as it is now."""

    def write(self, account: Account, sid: str, settings: Settings) -> None:
        """Set settings of a number; the others stay as they are."""

    def rivals(self, account: Account, number: IncomingNumber) -> Sequence[Rival]:
        """What else takes the place of the number's webhooks, as far as we may ask; never raises."""


class KeptWebhooks(Protocol):
    """Remembers durably how the webhooks of numbers were before we changed them."""

    def of(self, number_sid: str) -> Kept | None:
        """What is remembered of a number, None when we never changed it."""

    def keep(self, number_sid: str, *, before: Settings, wrote: Settings) -> None:
        """Note, on disk, what is about to be overwritten, unless it is what we wrote ourselves."""

    def confirm(self, number_sid: str) -> None:
        """Note, on disk, that Twilio has what we wrote."""

    def leave_alone(self, number_sid: str, *, leave: bool) -> None:
        """Note, on disk, whether the number is left as it is."""


class Listeners(Protocol):
    """Who would hear an event."""

    def is_anyone(self, thing: str, channel: str) -> bool:
        """Whether anybody may answer events of the channel."""

    def answered(self, thing: str, channel: str, call_sid: str) -> None:
        """Somebody answered an event of the channel."""

    def not_answered(self, thing: str, channel: str, call_sid: str) -> None:
        """A caller hears the default."""

    def waited_in_vain(self, thing: str, channel: str, call_sid: str) -> None:
        """Such a caller had waited for a rule, and everybody had been told of the event."""

    def came_late(self, thing: str, call_sid: str) -> None:
        """Somebody answered a call that did not wait, or no longer."""
