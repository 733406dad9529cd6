"""What incoming events need from the outside, and the values that go with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from twilio_binding.model.events import Event, Webhook
from twilio_binding.model.opt_outs import Heard
from twilio_binding.model.things import Phone
from twilio_binding.protocol.errors import TwilioBindingError

Lane = Literal["openhab", "mqtt"]


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
"""Delivers events, or raises `DependencyDownError`; returns the ids of those that can never be, and why.

Raises `ThingsNotReadyError` when some have to wait, and all others were delivered.
"""


class ThingsNotReadyError(TwilioBindingError):
    """The things of some events are not ready; all others were delivered, but for those that are `refused`: see `Deliver`."""

    code = "thing_not_ready"
    retryable = True

    def __init__(self, waiting: Sequence[Delivery], refused: Mapping[int, str] | None = None) -> None:
        super().__init__(", ".join(sorted({delivery.event.thing for delivery in waiting})))
        self.waiting = waiting
        self.refused = refused or {}


class Journal(Protocol):
    """Stores webhooks durably and remembers what is still to be delivered."""

    def record(
        self, event: Event, *, also: Sequence[Event] = (), patience: float | None = None, limited: bool = False
    ) -> Recorded:
        """Store the event and its deliveries in one transaction, with those of `also` if it is new; on disk then.

        Raises after `patience` seconds; the event may then be stored later. One that is `limited` is not delivered.
        """

    def knows(self, event: Event) -> bool:
        """Whether the event, or one with the same signature, was recorded at any time."""

    def answered(self, event_id: int, answer: str, *, by: str = "", seconds: float = 0.0) -> None:
        """Remember the answer for a second copy and, for people, who gave it after how many seconds."""

    def pending(self, lane: Lane, *, urgent: bool, limit: int, without: Collection[str] = ()) -> Sequence[Delivery]:
        """The oldest events that `lane` has not delivered, in order, but those of some things."""

    def delivered(self, lane: Lane, deliveries: Sequence[Delivery], *, set_aside: Mapping[int, str] = ...) -> None:
        """Note that these need not be delivered again, and that their states are the last ones.

        Those with the ids of `set_aside` could not be delivered, for these reasons.
        """

    def if_it_reached_all(self, event_id: int, then: Callable[[], None]) -> None:
        """Call `then` soon, perhaps more than once, if every lane has delivered the event."""

    def last_states(self) -> dict[str, str]:
        """The last delivered state of each channel UID."""


class Listeners(Protocol):
    """Knows who listens to a channel."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A webhook that somebody answers in place of rules: with which TwiML, and `by` whom, such as `alarm`.

    With `answer` it takes effect later: it is called for the TwiML when the event of the webhook is stored, never for a copy
    of it, nor for a sender who sends too much. Of calls, rules are told then as well, and one that `yields_to_rules` is
    called only if no rule answers first, where the phone waits for rules always.
    """

    by: str
    twiml: str = ""
    answer: Callable[[], str] | None = None
    yields_to_rules: bool = False


@runtime_checkable
class MessageTaker(Protocol):
    """Who is offered messages before rules are. Called on the webhook's thread; raising is as good as None."""

    def message(self, webhook: Webhook, phone: Phone) -> Taken | None:
        """A text, picture or WhatsApp message; rules are told of it in any case, and who took it.

        It may be offered again when Twilio sends it again.
        """


@runtime_checkable
class CallTaker(Protocol):
    """Who is offered calls before rules are, as messages are to a `MessageTaker`."""

    def call(self, webhook: Webhook, phone: Phone, gather_url: str | None) -> Taken | None:
        """A call, or keys that are pressed in one; rules are told of those only that nobody takes."""


@runtime_checkable
class StatusTaker(Protocol):
    """Who is told of status callbacks first."""

    def status(self, webhook: Webhook) -> bool:
        """A status callback; whether it is nobody else's business."""


class Witness(Protocol):
    """Who makes more of a webhook than its own event. Called on the webhook's thread, and waits for nothing."""

    def events(self, webhook: Webhook, by: str) -> Sequence[Event]:
        """What else it means; `by` is who takes it, "" for nobody. Stored with its event in one transaction, if that is new."""

    def stored(self, webhook: Webhook) -> None:
        """A webhook is stored that was new."""


class OptOutListener(Protocol):
    """Who is told of messages that say STOP or START."""

    def hear(self, fields: Mapping[str, str], said: Heard) -> None:
        """Take note of what a message says about opting out."""
