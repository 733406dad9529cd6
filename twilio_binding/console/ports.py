"""What the pages show and do, as the composition offers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from twilio_binding.accounts.number_webhooks import NumberWebhooks
from twilio_binding.console.changes import PageChanges
from twilio_binding.console.monitoring import Dependencies
from twilio_binding.history.calls import Calls
from twilio_binding.history.conversations import Conversations
from twilio_binding.history.figures import FiguresByTime
from twilio_binding.history.undone import UndoneThings
from twilio_binding.model.content_types import Media
from twilio_binding.model.things import ThingsSource
from twilio_binding.people.item_desk import ItemDesk
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request

if TYPE_CHECKING:
    from twilio_binding.alarms.views import AlarmView

Described = Sequence[Mapping[str, object]]


class EndedSessions(Protocol):
    """Remembers durably who has signed out: a cookie that somebody kept is good no more."""

    def end(self, session: str, *, seconds: float) -> None:
        """Remember for so long that a session has ended."""

    def has_ended(self, session: str) -> bool:
        """Whether a session was signed out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """Access rules: `token` is "" if everybody who reaches the listener has access.

    `hosts` are the host names of the pages, besides IP addresses and names without a dot; `secret` signs cookies.
    """

    ended: EndedSessions

    token: str = field(default="", repr=False)
    hosts: frozenset[str] = frozenset()
    secret: bytes = field(repr=False)


class Interventions(Protocol):
    """What people decide about events."""

    def replay(self, event_id: int) -> int | None:
        """Deliver an event again; returns the id of the new event, None if the old one is no longer stored."""

    def retry(self, lane: str, event_id: int) -> bool:
        """Deliver an event to a lane after all; whether it was one that is not to be delivered."""

    def give_up(self, lane: str, event_id: int) -> bool:
        """Deliver an event to a lane no more; whether it was one that waited, or was set aside."""

    def retry_all(self, lane: str) -> int:
        """Deliver everything to a lane that was set aside; how many events that are."""

    def give_up_all(self, lane: str) -> int:
        """Forget everything that was set aside for a lane; how many events that were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What came in and went out."""

    figures: FiguresByTime
    conversations: Conversations
    calls: Calls
    undone: UndoneThings


class NumberDesk(Protocol):
    """The numbers of the accounts at Twilio. Both raise `TwilioBindingError`."""

    def webhooks(self, thing: str) -> NumberWebhooks:
        """Where the webhooks of a phone's number go, as Twilio says now."""

    def inbox(self) -> Sequence[Mapping[str, object]]:
        """The numbers that are not things yet, as they were found last."""


class PhoneOutside(Protocol):
    """A phone outside, where Twilio is the sandbox's. All but `is_there` raise `TwilioBindingError`."""

    def is_there(self) -> bool:
        """Whether Twilio is the sandbox's."""

    def write(self, sender: str, to: str, text: str, picture: Media | None) -> str:
        """Send a message to a number of the account; returns what was wrong with the answer to it, "" for nothing."""

    def call(self, sender: str, to: str) -> str:
        """Call a number of the account; returns the SID of the call."""

    def ring_here(self, number: str) -> None:
        """Let calls to a number ring on the phone from now on."""

    def ringing(self) -> Sequence[Mapping[str, str]]:
        """The calls that ring: `sid`, `from` and `to`."""

    def state(self, sid: str, *, since: int = -1, wait: float = 0.0) -> dict[str, Any]:
        """What was heard in a call, and what it waits for; after `wait` seconds, or as soon as there is more than `since`."""

    def act(self, sid: str, *, keys: str = "", words: str = "", hang_up: bool = False, answer: bool = False) -> None:
        """Answer, press keys, say something, or hang up."""


class AlarmDesk(Protocol):
    """The alarms. What acts raises `TwilioBindingError`."""

    def overview(self) -> Sequence[AlarmView]:
        """All alarms, each with its newest run."""

    def history(self) -> Sequence[AlarmView]:
        """The runs of all alarms, newest first."""

    def start(self, uid: str, message: str = "", *, by: str = "", is_test: bool = False) -> AlarmView:
        """Start an alarm."""

    def acknowledge(self, uid: str, by: str) -> AlarmView:
        """Acknowledge an alarm, so that nobody else is notified."""

    def end(self, uid: str, by: str = "") -> AlarmView:
        """End an alarm."""


class Doctor(Protocol):
    """Tests every link between Twilio and an item."""

    def last(self) -> tuple[datetime, Sequence[Mapping[str, Any]]] | None:
        """When the last examination ended, and what it found; None before the first."""

    def examine(self) -> None:
        """Test every link; that takes seconds, or as long as something hangs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleParts:
    """Everything that the pages read and do.

    `dependencies` tells of each whether it is `up`, and else the `reason`; `described` are all things with their status.
    `name_of` gives the label of whoever has a number, as a phone knows them, "" for a stranger. `ask` carries out a
    request and waits for its reply: `TimeoutError` when that takes too long. `withdraw` gives a request up, for the
    recipient of a number or, for None, for all.
    `picture` fetches what a phone was sent or recorded, or raises `TwilioBindingError`.
    """

    entrance: Entrance
    dependencies: Callable[[], Dependencies]
    things: ThingsSource
    described: Callable[[], Described]
    history: History
    name_of: Callable[[str, str], str]
    ask: Callable[[Request], Reply]
    numbers: NumberDesk
    withdraw: Callable[[str, int | None], None]
    interventions: Interventions
    picture: Callable[[str, str], Media]
    sandbox: PhoneOutside
    alarms: AlarmDesk
    items: ItemDesk
    doctor: Doctor
    changes: PageChanges
