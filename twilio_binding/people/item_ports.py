"""What the use of items by text and by phone needs from the outside, and the values that go with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from twilio_binding.model.sentences.items import ReachableItems
from twilio_binding.model.sentences.states import ItemState

CALL_OF_ALARM: Literal["alarm call"] = "alarm call"
CommandWay = Literal["text", "call", "speech", "interpreter", "alarm call"]
"""How something came; the last one is a call that an alarm made to the contact, in which only PINs are entered."""
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
    "interpreted",
]
"""`sent` had no effect that was seen in time; `undone` is one that took another back, `undone_partly` where some
items of a group did not take their states."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCommandEntry:
    """A command of a contact, and what became of it. `before` are the states that items had, `at` is in seconds since 1970.

    `waits` is what happens when openHAB is back: 0 nothing, 1 the contact is told, 2 it is carried out. `origin` tells for a PIN
    in which text or keys it came, "" where that is not known.
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
    """A command to an item by its name, or a question about its state: `value` is None."""

    item: str
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a contact is asked back: which of some `choices`, the PIN for the one, to confirm it, or whether to do it late.

    `wait` is the number of the command that may be done late.
    """

    kind: Literal["choice", "pin", "confirm", "late"]
    choices: tuple[Choice, ...] = ()
    wait: int = 0


class AskedBook(Protocol):
    """Remembers durably what contacts were asked back last."""

    def put(self, contact: str, asked: Asked, *, seconds: float) -> None:
        """Store, on disk, what somebody is asked for so many seconds; what they were asked before is forgotten."""

    def pending(self, contact: str) -> Asked | None:
        """The pending question to a contact."""

    def drop(self, contact: str) -> None:
        """Forget, on disk, what somebody was asked."""


class CommandBook(Protocol):
    """Remembers durably what contacts commanded."""

    def enter(self, entry: ItemCommandEntry) -> ItemCommandEntry:
        """Store one, on disk; returns it with its number and moment."""

    def newest(self, most: int, *, before: int | None = None) -> Sequence[ItemCommandEntry]:
        """The newest ones first; `before` is the number of one, after which the list goes on."""

    def last(self, contact: str, *, within: float) -> ItemCommandEntry | None:
        """The last command of a contact that was carried out within so many seconds, also by an interpreter."""

    def wrong_pins(self, contact: str, *, within: float, in_calls_of_alarms: bool) -> int:
        """How many wrong PINs there were within so many seconds, since the last right one, in calls of alarms or elsewhere."""

    def pin_from(self, contact: str, origin: str, *, within: float) -> ItemCommandEntry | None:
        """The PIN of a contact that came in a text or in keys, if it was entered within so many seconds."""

    def waiting(self) -> Sequence[ItemCommandEntry]:
        """Those of which a contact is told when openHAB is back, the oldest first."""

    def wait(self, number: int, waits: int) -> None:
        """Note on disk what is to happen with one when openHAB is back."""


class ItemsOfOpenHAB(Protocol):
    """openHAB's items. Raises `TwilioBindingError`, `DependencyDownError` if openHAB does not answer."""

    def reachable(self, *, fresh: bool = False) -> ReachableItems:
        """The items that may be used at all; read again with `fresh`."""

    def states(self, *names: str) -> Mapping[str, ItemState]:
        """The states of items; those that are gone are left out."""

    def carry_out(self, item: str, command: str, effects: Mapping[str, Callable[[str], bool]], seconds: float) -> bool:
        """Send a command, and wait for the states that `effects` wants; returns whether the items have them in time.

        After the command was sent, nothing is raised.
        """

    def interpret(self, interpreter: str, language: str, text: str) -> str | None:
        """What an interpreter answers; None if it does not understand."""
