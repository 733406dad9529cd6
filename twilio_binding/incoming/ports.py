"""Interfaces that incoming events need, and their values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from twilio_binding.model.events import Event, Webhook
from twilio_binding.model.opt_outs import Heard
from twilio_binding.model.things import Phone
from twilio_binding.protocol.errors import TwilioBindingError

Lane = Literal["openhab", "mqtt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The journal's verdict about a webhook: new or seen before, and the answer to the first copy.

    `replayed`: somebody sends an old webhook of Twilio again, perhaps split into other fields; it has no effect.
    """

    id: int
    new: bool
    answer: str | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An event to deliver. `stale`: its trigger is too old to fire; `age` is in seconds."""

    id: int
    event: Event
    stale: bool = False
    age: float = 0.0


Deliver = Callable[[Sequence[Delivery]], Mapping[int, str] | None]
"""Delivers events, or raises `DependencyDownError`; returns the ids of those that can never be delivered, and why.

Raises `ThingsNotReadyError` if some have to wait and all others were delivered.
"""


class ThingsNotReadyError(TwilioBindingError):
    """The things of some events are not ready; all others were delivered, except the `refused` ones: see `Deliver`."""

    code = "thing_not_ready"
    retryable = True

    def __init__(self, waiting: Sequence[Delivery], refused: Mapping[int, str] | None = None) -> None:
        super().__init__(", ".join(sorted({delivery.event.thing for delivery in waiting})))
        self.waiting = waiting
        self.refused = refused or {}


class Journal(Protocol):
    """Stores webhooks, and what is still to be delivered."""

    def record(
        self, event: Event, *, also: Sequence[Event] = (), patience: float | None = None, limited: bool = False
    ) -> Recorded:
        """Store the event and its deliveries in one transaction, with those of `also` if it is new; on disk when this returns.

        Raises after `patience` seconds; the event may then be stored later. A `limited` event is not delivered.
        """

    def knows(self, event: Event) -> bool:
        """Whether the event, or one with the same signature, was ever recorded."""

    def answered(self, event_id: int, answer: str, *, by: str = "", seconds: float = 0.0) -> None:
        """Store the answer for a second copy and, for people, who gave it after how many seconds."""

    def pending(
        self, lane: Lane, *, urgent: bool, limit: int, without: Collection[str] = (), but: Collection[int] = ()
    ) -> Sequence[Delivery]:
        """The oldest events that `lane` has not delivered, in order, except those of some things, and some ids."""

    def delivered(
        self, lane: Lane, deliveries: Sequence[Delivery], *, set_aside: Mapping[int, str] = ...
    ) -> Future[None]:
        """Note soon that these events are delivered, and that their states are the latest.

        Those in `set_aside` could not be delivered, for these reasons.
        """

    def if_it_reached_all(self, event_id: int, then: Callable[[], None]) -> None:
        """Call `then` soon, perhaps more than once, if every lane has delivered the event."""

    def last_states(self) -> dict[str, str]:
        """The last delivered state of each channel UID."""


class Traffic(Protocol):
    """What comes in now."""

    def is_crowded(self) -> bool:
        """Whether many messages come in."""

    def give_way(self) -> None:
        """Wait until no call is under way, for a moment at most."""


class Listeners(Protocol):
    """Knows who listens to a channel."""

    def is_anyone(self, thing: str, channel: str) -> bool:
        """Whether anybody may answer events of the channel."""

    def answered(self, thing: str, channel: str, call_sid: str) -> None:
        """Note that somebody answered an event of the channel."""

    def not_answered(self, thing: str, channel: str, call_sid: str) -> None:
        """Note that a caller hears the default."""

    def waited_in_vain(self, thing: str, channel: str, call_sid: str) -> None:
        """Note that such a caller had waited for a rule, and everybody had been notified of the event."""

    def came_late(self, thing: str, call_sid: str) -> None:
        """Note that somebody answered a call that was not waiting, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A webhook that somebody answers in place of rules: the TwiML, and `by` whom, such as `alarm`.

    `answer` is called for the TwiML when the event is stored; never for a copy, or for a sender over the limit. For
    calls, rules get the event then, too. If `yields_to_rules` and the phone always waits for rules, `answer` is called
    only if no rule answers first.
    If it is not `is_handled`, the sender gets an answer, but rules are not told of `by`: nothing was done.
    """

    by: str
    is_handled: bool = True
    twiml: str = ""
    answer: Callable[[], str] | None = None
    yields_to_rules: bool = False

    @property
    def handled_by(self) -> str:
        """Who handled it, "" for nobody."""
        return self.by if self.is_handled else ""


@runtime_checkable
class MessageTaker(Protocol):
    """Is offered messages before rules are. Called on the webhook's thread; an error counts as None."""

    def message(self, webhook: Webhook, phone: Phone) -> Taken | None:
        """Take a text, picture or WhatsApp message, or return None. Rules get it in any case, with who took it.

        A message may be offered again when Twilio repeats it.
        """


@runtime_checkable
class CallTaker(Protocol):
    """Is offered calls before rules are, as messages are to a `MessageTaker`."""

    def call(self, webhook: Webhook, phone: Phone, gather_url: str | None) -> Taken | None:
        """Take a call, or keys pressed in one, or return None. Rules get only keys that nobody takes."""


@runtime_checkable
class StatusTaker(Protocol):
    """Gets status callbacks first."""

    def status(self, webhook: Webhook) -> bool:
        """Handle a status callback; returns whether nobody else needs it."""


class Witness(Protocol):
    """Adds events to a webhook. Called on the webhook's thread; must not wait for anything."""

    def events(self, webhook: Webhook, by: str) -> Sequence[Event]:
        """Additional events; `by` is who takes the webhook, "" for nobody. They are stored in one transaction with its event, if that is new."""

    def stored(self, webhook: Webhook) -> None:
        """Handle that a new webhook is stored."""


class OptOutListener(Protocol):
    """Gets messages that say STOP or START."""

    def hear(self, fields: Mapping[str, str], said: Heard) -> None:
        """Note what a message says about opting out."""
