"""Ada's texts and calls about items, with the stored commands and questions."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.people.house import House
from twilio_binding.clock import local_now
from twilio_binding.model.sentences.reading import ItemCommand
from twilio_binding.people.asked_back import AskedBack
from twilio_binding.people.call_back import CallBack
from twilio_binding.people.command_checks import CommandChecks
from twilio_binding.people.command_steps import CommandSteps
from twilio_binding.people.item_menu import ItemMenu
from twilio_binding.people.item_use import ItemUser
from twilio_binding.people.menu_pages import MenuCaller
from twilio_binding.people.menu_steps import MenuParts
from twilio_binding.people.pin_guard import PinGuard
from twilio_binding.people.readers import Readers
from twilio_binding.people.text_dialogue import TextDialogue
from twilio_binding.people.when_back import WhenBack


class Desk:
    """Ada commands items, one after the other."""

    def __init__(self, home: House) -> None:
        self.home = home
        back = WhenBack(home.use, home.book, user_of=lambda _: home.user, send=lambda *_: None, clock=lambda: home.now)
        self.back = back
        asked, readers, call_back = AskedBack(home.asked), Readers(home.items), CallBack(lambda _: None)
        checks = CommandChecks(home.use, PinGuard(home.book, lambda _: None))
        self.steps = CommandSteps(home.use, checks, back, asked, call_back)
        self.dialogue = TextDialogue(home.use, self.steps, asked, readers, local_now)
        parts = MenuParts(use=home.use, checks=checks, back=back, readers=readers, now=local_now, call_back=call_back)
        self.menu = ItemMenu(parts)

    def command(self, item: str, value: str = "ON", *, pin: str = "", user: ItemUser | None = None) -> str:
        """What Ada is answered."""
        found = self.home.use.reachable(self.home.user.contact).by_name[item]
        return self.steps.command(user or self.home.user, ItemCommand(item=found, value=value, pin=pin))

    def text(self, text: str, user: ItemUser | None = None) -> str:
        """What Ada is answered to a text."""
        user = user or self.home.user
        return self.dialogue.begin(user, text)[1]() or self.dialogue.unclear(user, text)

    def press(self, step: str, digits: str, user: ItemUser | None = None, *, said: str = "", sure: float = 0.9) -> str:
        """What Ada hears in a call, after keys or words."""
        user = replace(user or self.home.user, way="speech" if said else "call")
        caller = MenuCaller(user=user, gather_url="https://h.example/gather", may_speak=True)
        return self.menu.answer(caller, step, digits, said, sure)

    def audit(self) -> list[tuple[str, str, str, str]]:
        """How, what and the outcome, oldest first; all are Ada's."""
        entries = self.home.book.newest(100)
        assert {entry.contact for entry in entries} <= {str(self.home.user.contact.uid)}
        return [(one.way, one.item, one.command, one.result) for one in reversed(entries)]
