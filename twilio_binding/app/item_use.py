"""Builds the use of items by text and phone."""

from __future__ import annotations

from functools import partial

from twilio_binding.app.surroundings import Surroundings
from twilio_binding.clock import local_now
from twilio_binding.model.contact_actions import ContactSend
from twilio_binding.openhab.usable_items import UsableItems
from twilio_binding.people.build import PeopleUseCases
from twilio_binding.people.call_back import CallBack
from twilio_binding.people.command_checks import CommandChecks
from twilio_binding.people.command_steps import CommandSteps
from twilio_binding.people.contacts import language_of
from twilio_binding.people.item_menu import ItemMenu
from twilio_binding.people.item_ports import ItemCommandEntry
from twilio_binding.people.item_use import ItemUse, ItemUser
from twilio_binding.people.menu_calls import MenuCalls
from twilio_binding.people.menu_steps import MenuParts
from twilio_binding.people.readers import Readers
from twilio_binding.people.rule_replies import RuleReplies
from twilio_binding.people.text_commands import TextCommands
from twilio_binding.people.text_dialogue import TextDialogue
from twilio_binding.people.when_back import LookAgain, WhenBack
from twilio_binding.workers import Workers


class UseOfItems:
    """Texts and calls that use items, wired to openHAB; webhooks are offered to it after alarms and questions."""

    def __init__(self, around: Surroundings, people: PeopleUseCases) -> None:
        self._people, self._openhab, self._configuration = people, around.openhab, around.configuration
        self._outgoing = around.sends
        status = around.openhab.status
        self._workers = Workers(1)
        self.items = UsableItems(around.settings.openhab, is_down=lambda: status.state.is_down, wanted=self._is_wanted)
        book = people.book
        self._use = ItemUse(self.items, book)
        clock = around.stores.timeline.now
        self._back = WhenBack(self._use, book, user_of=self._user_of, send=self._send, clock=clock)
        self._again = LookAgain(self._back, self._look_again, clock=clock)
        asked, pins, readers = people.asked_back, people.pins, Readers(self.items)
        call_back = CallBack(lambda request: self._outgoing.begin(request, lambda _: None, lambda: None))
        checks = CommandChecks(self._use, pins)
        steps = CommandSteps(self._use, checks, self._back, asked, call_back)
        conversations = TextDialogue(self._use, steps, asked, readers, local_now)
        menu = ItemMenu(
            MenuParts(
                use=self._use,
                checks=checks,
                back=self._back,
                readers=readers,
                now=local_now,
                call_back=call_back,
            )
        )
        replies = RuleReplies(around.openhab.hears, around.mqtt.hears)
        around.sends.begun.subscribe(replies.note)
        around.offers.add(TextCommands(conversations, replies, self._language))
        around.offers.add(MenuCalls(people.contacts, menu, self._language))
        self._follow_openhab()

    def start(self) -> None:
        """Start; if openHAB has been ready before, begin with what waits for it."""
        self._workers.start()
        if self._openhab.status.is_ready:
            self._workers.put(self._look)
        self._again.start()

    def stop(self, until: float) -> None:
        """Finish work in progress, by a time of the monotonic clock."""
        self._again.stop(until)
        self._workers.stop(until)
        self.items.close()

    def _follow_openhab(self) -> None:
        events = self._openhab.item_events
        events.subscribe(self.items.topics, self.items.follow)
        self.items.changed.subscribe(events.review)
        self._openhab.ready.subscribe(partial(self._workers.put, self._look))
        self._configuration.changed.subscribe(partial(self._workers.put, self.items.prime))

    def _look(self) -> None:
        self.items.prime()
        self._back.look()

    def _look_again(self) -> None:
        if self._openhab.status.is_ready:
            self._workers.put(self._back.look)

    def _is_wanted(self) -> bool:
        return any(phone.commands or phone.menu for phone in self._configuration.things.current().phones.values())

    def _language(self) -> str:
        return self._openhab.locale.language

    def _user_of(self, entry: ItemCommandEntry) -> ItemUser:
        contact = self._people.contacts.get(entry.contact)
        language = language_of(contact, self._language)
        return ItemUser(contact=contact, phone=entry.phone, way=entry.way, language=language)

    def _send(self, user: ItemUser, text: str, send_id: str) -> None:
        self._people.sends.accept(user.contact, ContactSend(kind="text", text=text), send_id)
