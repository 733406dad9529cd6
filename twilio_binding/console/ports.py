"""Interfaces for what the pages show and do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from twilio_binding.accounts.number_webhooks import NumberWebhooks
from twilio_binding.console.changes import PageChanges
from twilio_binding.console.host_names import HostNames
from twilio_binding.console.monitoring import Dependencies
from twilio_binding.history.calls import Calls
from twilio_binding.history.conversations import Conversations
from twilio_binding.history.figures import FiguresByTime
from twilio_binding.history.undone import UndoneThings
from twilio_binding.model.contacts import Contact
from twilio_binding.model.content_types import Media
from twilio_binding.model.costs import Costs
from twilio_binding.model.things import Account, ThingsSource
from twilio_binding.people.item_desk import ItemDesk
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request

if TYPE_CHECKING:
    from twilio_binding.alarms.views import AlarmView

Described = Sequence[Mapping[str, object]]


class EndedSessions(Protocol):
    """Stores which sessions have ended, so that a copied cookie is useless."""

    def end(self, session: str, *, seconds: float) -> None:
        """Store for so many seconds that a session has ended."""

    def has_ended(self, session: str) -> bool:
        """Whether a session was ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """Access rules: `token` is "" if everybody who reaches the listener has access.

    `names` are the host names of the pages; `secret` signs cookies.
    """

    ended: EndedSessions

    token: str = field(default="", repr=False)
    names: HostNames
    secret: bytes = field(repr=False)


class Interventions(Protocol):
    """Decisions of people about events."""

    def replay(self, event_id: int) -> int | None:
        """Deliver an event again; returns the id of the new event, None if the old one is no longer stored."""

    def retry(self, lane: str, event_id: int) -> bool:
        """Deliver an event to a lane again; returns whether it was one that the lane had given up."""

    def give_up(self, lane: str, event_id: int) -> bool:
        """Never deliver an event to a lane; returns whether it was waiting, or set aside."""

    def retry_all(self, lane: str) -> int:
        """Deliver everything that was set aside for a lane; returns the number of events."""

    def give_up_all(self, lane: str) -> int:
        """Drop everything that was set aside for a lane; returns the number of events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What came in and went out."""

    figures: FiguresByTime
    conversations: Conversations
    calls: Calls
    undone: UndoneThings


class NumberDesk(Protocol):
    """The numbers of the accounts at Twilio. Both methods raise `TwilioBindingError`."""

    def webhooks(self, thing: str) -> NumberWebhooks:
        """The current webhooks of a phone's number at Twilio."""

    def inbox(self) -> Sequence[Mapping[str, object]]:
        """The numbers that are not things yet, as they were found last."""


class PhoneOutside(Protocol):
    """A phone outside, if Twilio is the sandbox's. Except `is_there` and `ringing`, all methods raise `TwilioBindingError`."""

    def is_there(self) -> bool:
        """Whether Twilio is the sandbox's."""

    def write(self, sender: str, to: str, text: str, picture: Media | None) -> str:
        """Send a message to a number of the account; returns what was wrong with the answer, "" if nothing was."""

    def call(self, sender: str, to: str) -> str:
        """Call a number of the account; returns the SID of the call."""

    def ring_here(self, number: str) -> None:
        """Let calls to a number ring on the phone from now on."""

    def ringing(self) -> Sequence[Mapping[str, str]] | None:
        """The calls that ring: `sid`, `from` and `to`; None if there is no sandbox."""

    def state(self, sid: str, *, since: int = -1, wait: float = 0.0) -> dict[str, Any]:
        """What was heard in a call, and the input it waits for; after `wait` seconds, or when there is more than `since`."""

    def act(self, sid: str, *, keys: str = "", words: str = "", hang_up: bool = False, answer: bool = False) -> None:
        """Answer, press keys, say something, or hang up."""


class AlarmDesk(Protocol):
    """The alarms. Methods that change something raise `TwilioBindingError`."""

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
        """Time and result of the last examination; None before the first."""

    def examine(self) -> None:
        """Test every link. This takes seconds, or longer if something hangs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleParts:
    """Everything that the pages read and do.

    `dependencies` returns for each dependency whether it is `up`, otherwise the `reason`; `not_stored` why nothing can be
    stored, "" if it can. `described` are all things with their status. `contact_of` returns the contact with a number, as a phone knows them, None for a stranger. `ask`
    carries out a request and waits for its reply; raises `TimeoutError`.
    `withdraw` drops a request for the recipient with a number, or for all with None. `picture` fetches a picture or recording of a phone, or raises `TwilioBindingError`.
    `costs` asks Twilio what an account has spent; raises `TwilioBindingError`.
    """

    entrance: Entrance
    dependencies: Callable[[], Dependencies]
    not_stored: Callable[[], str]
    things: ThingsSource
    described: Callable[[], Described]
    history: History
    contact_of: Callable[[str, str], Contact | None]
    ask: Callable[[Request], Reply]
    numbers: NumberDesk
    withdraw: Callable[[str, int | None], None]
    interventions: Interventions
    picture: Callable[[str, str], Media]
    costs: Callable[[Account], Costs]
    sandbox: PhoneOutside
    alarms: AlarmDesk
    items: ItemDesk
    doctor: Doctor
    changes: PageChanges
