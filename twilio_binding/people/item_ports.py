"""Interfaces that the use of items needs, and their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from twilio_binding.model.sentences.items import ReachableItems
from twilio_binding.model.sentences.states import ItemState

CALL_OF_ALARM: Literal["alarm call"] = "alarm call"
CommandWay = Literal["text", "call", "speech", "interpreter", "alarm call"]
"""How a command arrived; the last one is a call from an alarm to the contact, in which only PINs are entered."""
CommandResult = Literal[
    "done",
    "sent",
    "undone",
    "undone_partly",
    "refused",
    "down",
    "wrong_pin",
    "right_pin",
    "locked",
    "no_right",
    "no_pin",
    "called_back",
    "expired",
    "interpreted",
    "not_taken",
    "timed",
    "asked_which",
    "asked_pin",
    "asked_confirmation",
    "declined",
]
"""`sent`: no effect was seen in time. `undone`: another command was undone; `undone_partly`: some items of a group
did not accept their states. `called_back`: a call asks for the confirmation. `expired`: openHAB was back too late.
`not_taken`: the item does not accept such a command. `timed`: it was for later or for a time. `asked_...`: nothing is
done without the answer. `declined`: the answer was NO."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCommandEntry:
    """A command of a contact, and its outcome. `before` are the earlier states of items, `at` is in seconds since 1970.

    `waits` is what to do when openHAB is back: 0 nothing, 1 notify the contact, 2 carry it out. `origin` identifies the
    text or keys in which a PIN arrived, "" if unknown.
    """

    contact: str
    phone: str
    way: CommandWay
    item: str
    command: str
    result: CommandResult
    before: Mapping[str, str] = field(default_factory=dict)
    waits: int = 0
    number: int = 0
    at: float = 0.0
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A command to an item by name, or a question for its state: then `value` is None."""

    item: str
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question to a contact: which of some `choices`, the PIN for the only one, its confirmation, or whether to do it later.

    `wait` is the number of the command that may be done later.
    """

    kind: Literal["choice", "pin", "confirm", "late"]
    choices: tuple[Choice, ...] = ()
    wait: int = 0


class AskedBook(Protocol):
    """Stores the last question to each contact."""

    def put(self, contact: str, asked: Asked, *, seconds: float) -> None:
        """Store a question for so many seconds, on disk; an earlier question to the contact is dropped."""

    def pending(self, contact: str) -> Asked | None:
        """The pending question to a contact."""

    def drop(self, contact: str) -> None:
        """Delete the question to a contact, on disk."""


class CommandBook(Protocol):
    """Stores the commands of contacts."""

    def enter(self, entry: ItemCommandEntry) -> ItemCommandEntry:
        """Store a command, on disk; returns it with its number and time."""

    def newest(self, most: int, *, before: int | None = None) -> Sequence[ItemCommandEntry]:
        """The newest commands first; `before` is the number of an entry after which the list continues."""

    def last(self, contact: str, *, within: float) -> ItemCommandEntry | None:
        """The last command of a contact that was carried out within so many seconds, also by an interpreter."""

    def wrong_pins(self, contact: str, *, within: float, in_calls_of_alarms: bool) -> int:
        """The number of wrong PINs within so many seconds, since the last right one, in calls of alarms or elsewhere."""

    def pin_from(self, contact: str, origin: str, *, within: float) -> ItemCommandEntry | None:
        """The PIN of a contact that arrived in a text or in keys, if it was entered within so many seconds."""

    def waiting(self) -> Sequence[ItemCommandEntry]:
        """Commands that wait for openHAB, oldest first."""

    def wait(self, number: int, waits: int) -> None:
        """Store what to do with a command when openHAB is back."""


class ItemsOfOpenHAB(Protocol):
    """openHAB's items. Raises `TwilioBindingError`, `DependencyDownError` if openHAB does not answer."""

    def reachable(self, *, fresh: bool = False) -> ReachableItems:
        """All usable items; read again with `fresh`."""

    def states(self, *names: str) -> Mapping[str, ItemState]:
        """The states of items; missing items are left out."""

    def carry_out(self, item: str, command: str, effects: Mapping[str, Callable[[str], bool]], seconds: float) -> bool:
        """Send a command, and wait for the states that `effects` wants; returns whether the items have them in time.

        After the command was sent, nothing is raised.
        """

    def interpret(self, interpreter: str, language: str, text: str) -> str | None:
        """What an interpreter answers; None if it does not understand."""
