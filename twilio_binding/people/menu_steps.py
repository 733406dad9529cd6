"""The steps of a call that uses items: pages, and commands after all checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from twilio_binding.model.item_menus import TOP, entries, group_of, offered
from twilio_binding.model.sentences.items import ReachableItem, ReachableItems
from twilio_binding.people.call_back import CallBack
from twilio_binding.people.command_checks import CommandChecks, may_still
from twilio_binding.people.item_lists import fitting
from twilio_binding.people.item_ports import CommandResult
from twilio_binding.people.item_use import ItemUse
from twilio_binding.people.menu_pages import MenuCaller, MenuPages, confirmation
from twilio_binding.people.pin_guard import MOST_WRONG, locked
from twilio_binding.people.readers import Readers
from twilio_binding.people.when_back import WhenBack


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuParts:
    """The parts of menus; `now` must return a time with a zone."""

    use: ItemUse
    checks: CommandChecks
    back: WhenBack
    readers: Readers
    now: Callable[[], datetime]
    call_back: CallBack


class MenuSteps:
    """The steps of one caller; each returns the TwiML that they hear. Raises `DependencyDownError`."""

    def __init__(self, parts: MenuParts, caller: MenuCaller, items: ReachableItems) -> None:
        self._parts = parts
        self._caller = caller
        self._items = items
        self._texts = caller.user.texts
        self.pages = MenuPages(caller, [item.label for item in items.by_name.values()])

    def show(self, node: str, first: str = "", *, page: int = 0) -> str:
        """The menu at the top or of a group, after a first sentence."""
        listed = entries(self._items, node, page)
        if not listed and node != TOP:  # the group was removed during the call
            return self.show(TOP, first)
        if not listed and node == TOP:
            end = "Goodbye." if first else "There is nothing that you can use yet."
            return self.pages.close(first, self._texts.phrase(end))
        names = [entry.item.name for entry in listed if entry.item and self._caller.user.may_read(entry.item)]
        states = self._parts.use.known_states(*names) if names else {}
        return self.pages.menu(node, page, listed, states, first)

    def show_item(self, item: ReachableItem, first: str = "") -> str:
        """The state of an item and the commands that it accepts; the menu again if it accepts none."""
        state = self.state(item)
        if not (item.can_command and self._caller.user.contact.may("command") and offered(item)):
            return self.show(group_of(self._items, item), f"{first} {state}".strip())
        return self.pages.item(item, state, first)

    def state(self, item: ReachableItem) -> str:
        """The state of an item, or that the caller may not see it."""
        return self._parts.use.state(self._caller.user, item)

    def status(self) -> str:
        """The states of all items in the status."""
        items = [item for item in self._items.by_name.values() if self._caller.user.may_read(item)]
        chosen = [item for item in items if item.in_status] or [item for item in items if item.key]
        if not chosen:
            return self._texts.phrase("There is nothing that you can use yet.")
        return " ".join(self._parts.use.states(self._texts, chosen))

    def keyword(self, word: Literal["STATUS", "LIST", "HELP", "UNDO"]) -> str:
        """The answer to a word that names no item."""
        if word == "STATUS":
            return self.status()
        if word == "UNDO":
            return self._parts.use.undo(self._caller.user)
        return fitting(self._texts, [item.label for item in self._items.by_name.values()], "You can use: {names}.")

    def command(self, item: ReachableItem, value: str, pin: str | None = None, tries: int = 0) -> str:
        """Check the obstacles to a command, then carry it out. `pin` is the one that was entered, for the time number `tries`."""
        user, texts = self._caller.user, self._texts
        match self._parts.checks.obstacle(user, item, value, pin):
            case None:
                return self.carry_out(item, value)
            case "no_right" | "no_commands":
                return self.show_item(item, texts.phrase("{name} accepts no commands.", name=item.label))
            case "call_back":
                self._parts.call_back(user)
                text = "{name} can only be switched after a call back. Hang up, and I will call you."
                return self.pages.close(texts.phrase(text, name=item.label))
            case "no_pin":
                return self.show(TOP, texts.phrase("This needs a PIN, and no PIN is set for you."))
            case "locked":
                return self.pages.close(locked(texts))
            case "pin":
                return self.pages.ask_pin(item, value, 1)
            case "wrong_pin" if tries >= MOST_WRONG:
                return self.pages.close(texts.phrase("The PIN is wrong."), texts.phrase("Goodbye."))
            case "wrong_pin":
                return self.pages.ask_pin(item, value, tries + 1, texts.phrase("The PIN is wrong."))
            case "confirmation":
                return self.confirm(item, value, step="ok")

    def carry_out(self, item: ReachableItem, value: str) -> str:
        """Carry out a checked command, and return to the menu."""
        if not may_still(self._caller.user, item):
            self.note(item, value, "no_right")
            return self.show(TOP, self._texts.phrase("{name} accepts no commands.", name=item.label))
        told = self._parts.use.command(self._caller.user, item, value)
        return self.show(group_of(self._items, item), told)

    def confirm(self, item: ReachableItem, value: str, *, step: str) -> str:
        """Ask for key 1 before a command; `step` follows then."""
        return self.pages.ask_key(f"{step}.{item.name}.{value}", confirmation(self._texts, item, value))

    def note(self, item: ReachableItem, value: str, result: CommandResult) -> None:
        """Record a command that is not carried out, or not yet."""
        self._parts.use.note(self._caller.user, item, value, result)
