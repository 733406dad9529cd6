"""What stands before a command, by text as by phone: right, call back, PIN and confirmation. Each attempt is recorded."""

from __future__ import annotations

from typing import Literal

from twilio_binding.model.sentences.items import ReachableItem
from twilio_binding.model.sentences.reading import NotTaken, Timed
from twilio_binding.people.item_ports import CommandResult
from twilio_binding.people.item_use import ItemUse, ItemUser
from twilio_binding.people.pin_guard import PinGuard

Obstacle = Literal["no_right", "no_commands", "call_back", "no_pin", "locked", "pin", "wrong_pin", "confirmation"]
"""What stands before a command: `no_commands`: the item accepts none; `call_back`, `pin` and `confirmation`: they are needed now."""
_RESULTS: dict[Obstacle, CommandResult] = {
    "no_right": "no_right",
    "no_commands": "not_taken",
    "call_back": "called_back",
    "no_pin": "no_pin",
    "locked": "locked",
    "pin": "asked_pin",
    "confirmation": "asked_confirmation",
}
"""What is recorded; a PIN that was entered is recorded where it is checked."""


class CommandChecks:
    """Checks commands of contacts."""

    def __init__(self, use: ItemUse, pins: PinGuard) -> None:
        self._use = use
        self._pins = pins

    def obstacle(self, user: ItemUser, item: ReachableItem, value: str, pin: str | None = None) -> Obstacle | None:
        """The first obstacle to a command with a PIN, None for no PIN; returns None if the command may be carried out."""
        found = self._found(user, item, pin)
        if found in _RESULTS:
            self._use.note(user, item, value, _RESULTS[found])
        return found

    def _found(self, user: ItemUser, item: ReachableItem, pin: str | None) -> Obstacle | None:
        if not user.contact.may("command"):
            return "no_right"
        if not item.can_command:
            return "no_commands"
        if item.needs_callback and not user.is_proven:
            return "call_back"
        obstacle = self._pin(user, item, pin) if item.needs_pin else None
        return obstacle or ("confirmation" if item.needs_confirmation else None)

    def _pin(self, user: ItemUser, item: ReachableItem, pin: str | None) -> Obstacle | None:
        if user.contact.pin is None:
            return "no_pin"
        if self._pins.is_locked(user):
            return "locked"
        if pin is None:
            return "pin"
        verdict = self._pins.check(user, item.name, pin)
        return None if verdict == "right" else "locked" if verdict == "locked" else "wrong_pin"


def note_refused(use: ItemUse, user: ItemUser, reading: NotTaken | Timed) -> None:
    """Record a command that is never carried out: the item does not accept it, or it is for later."""
    result: CommandResult = "timed" if isinstance(reading, Timed) else "not_taken"
    use.note(user, reading.item, "", result if user.contact.may("command") else "no_right")


def may_still(user: ItemUser, item: ReachableItem | None) -> bool:
    """Whether an item accepts a command that was checked before; rights and items may have changed since then."""
    return item is not None and item.can_command and user.contact.may("command")
