"""The menu of items in a call: what each key does."""

from __future__ import annotations

from twilio_binding.errors import DependencyDownError
from twilio_binding.model.item_menus import TOP, entries, group_of, is_toggle, mark, offered
from twilio_binding.model.sentences.items import ReachableItem, ReachableItems
from twilio_binding.model.sentences.reading import (
    Doubt,
    ItemCommand,
    ItemQuestion,
    Keyword,
    NotTaken,
    NotUnderstood,
    Timed,
)
from twilio_binding.model.sentences.tokens import number
from twilio_binding.model.sentences.values import GivenWords, command_of
from twilio_binding.model.sentences.vocabulary import vocabulary
from twilio_binding.people.call_back import command_in
from twilio_binding.people.command_checks import note_refused
from twilio_binding.people.item_lists import not_later, values_of
from twilio_binding.people.menu_pages import MenuCaller, MenuPages
from twilio_binding.people.menu_steps import MenuParts, MenuSteps

_SURE = 0.6
"""The confidence of Twilio's speech recognition from which no confirmation is needed."""
_OF_ITEM = ("item", "value", "pin", "do", "ok", "called")
"""Steps at an item, whose name follows."""
_OFFERS = 8
"""Maximum characters for the announced meanings of keys."""


class ItemMenu:
    """Answers the webhooks of calls."""

    def __init__(self, parts: MenuParts) -> None:
        self._parts = parts

    def answer(self, caller: MenuCaller, step: str, digits: str, heard: str = "", confidence: float = 0.0) -> str:
        """The TwiML for a caller; `step` is where they were, "" at the beginning."""
        try:
            visit = _Visit(self._parts, caller, self._parts.use.reachable(caller.user.contact))
            return visit.hear(step, heard, confidence) if heard else visit.press(step, digits)
        except DependencyDownError:
            self._parts.back.note(caller.user, None, "")
            text = "Your home is not responding. I will tell you when it is back."
            return MenuPages(caller).close(caller.user.texts.phrase(text))


class _Visit:
    """One request of a caller."""

    def __init__(self, parts: MenuParts, caller: MenuCaller, items: ReachableItems) -> None:
        self._parts = parts
        self._caller = caller
        self._items = items
        self._texts = caller.user.texts
        self._steps = MenuSteps(parts, caller, items)

    def press(self, step: str, digits: str) -> str:
        """Handle keys pressed at a step, "" at the beginning."""
        kind, _, rest = step.partition(".")
        match kind:
            case "menu":
                node, page, offers, announced = (*rest.split("."), "", "", "")[:4]
                if not (page.isdecimal() and len(page) < 4 and len(offers) == _OFFERS):
                    return self._steps.show(TOP)
                is_same = announced == mark(entries(self._items, node, int(page)))
                return self._choose(node, int(page), offers, digits if is_same or digits in "*9" else "")
            case "undo":
                said = self._steps.keyword("UNDO") if digits == "1" else self._texts.phrase("Nothing was done.")
                return self._steps.show(TOP, said)
            case _ if kind in _OF_ITEM:
                name, _, more = rest.partition(".")
                item = self._items.by_name.get(name)
                return self._with_item(kind, item, more, digits) if item else self._steps.show(TOP)
            case _:
                return self._steps.show(TOP)

    def hear(self, step: str, heard: str, confidence: float) -> str:
        """Handle speech at a step: it works like a text; uncertain words need a confirmation."""
        user, readers, now = self._caller.user, self._parts.readers, self._parts.now()
        reading = readers.of(user).read(heard, now)
        if isinstance(reading, NotUnderstood) and user.contact.may("command"):
            reading = readers.without_name(user, heard, self._meant_at(step), now)
        if isinstance(reading, Doubt):
            reading, confidence = reading.choices[0], 0.0
        match reading:
            case ItemCommand() if confidence < _SURE:
                self._steps.note(reading.item, reading.value, "asked_confirmation")
                return self._steps.confirm(reading.item, reading.value, step="do")
            case ItemCommand():
                return self._steps.command(reading.item, reading.value)
            case ItemQuestion():
                return self._steps.show(TOP, self._steps.state(reading.item))
            case Timed():
                note_refused(self._parts.use, user, reading)
                return self._steps.show(TOP, not_later(self._texts, self._caller.user.contact))
            case NotTaken():
                note_refused(self._parts.use, user, reading)
                return self._steps.show(TOP, values_of(self._texts, reading.item, self._caller.user.contact))
            case Keyword(word="UNDO") if confidence < _SURE:
                return self._steps.pages.ask_key("undo", self._texts.phrase("To undo the last command, press 1."))
            case Keyword(word="STATUS" | "LIST" | "HELP" | "UNDO" as word):
                return self._steps.show(TOP, self._steps.keyword(word))
            case _:
                return self._steps.show(TOP, self._texts.alarm("not_understood"))

    def _meant_at(self, step: str) -> ReachableItem | None:
        """The item that words without a name mean: that of the page, or the last one; None for none, or a guarded one."""
        kind, _, rest = step.partition(".")
        if kind not in _OF_ITEM:
            return self._parts.use.commanded_last(self._caller.user.contact)
        item = self._items.by_name.get(rest.partition(".")[0])
        return None if item is None or item.is_guarded or not item.can_command else item

    def _choose(self, node: str, page: int, offers: str, digits: str) -> str:
        if digits == "*":
            return self._steps.show(TOP)
        if digits in ("#", ""):
            return self._steps.show(node, page=page)
        if digits == "9":
            return self._steps.show(node, self._steps.status(), page=page)
        found = next((one for one in entries(self._items, node, page) if str(one.key) == digits), None)
        if found is None:
            return self._steps.show(node, self._texts.phrase("That key has no function here."), page=page)
        if found.is_more:
            return self._steps.show(node, page=page + 1)
        if found.item is None:
            return self._steps.show(found.group)
        offer = offers[found.key - 1]
        if offer in "01" and is_toggle(found.item):
            return self._steps.command(found.item, "ON" if offer == "1" else "OFF")
        return self._steps.show_item(found.item)

    def _with_item(self, kind: str, item: ReachableItem, more: str, digits: str) -> str:
        match kind:
            case "item":
                return self._use_item(item, digits)
            case "value" if digits == "*":
                return self._steps.show_item(item)
            case "pin" if digits == "*":
                return self._steps.show(group_of(self._items, item), self._texts.phrase("Nothing was done."))
            case "value":
                return self._enter(item, digits)
            case "pin":
                tries, _, value = more.partition(".")
                return self._steps.command(item, value, digits or None, int(tries) if tries.isdecimal() else 1)
            case _ if digits != "1":
                if digits:
                    self._steps.note(item, command_in(more) if kind == "called" else more, "declined")
                return self._steps.show(group_of(self._items, item), self._texts.phrase("Nothing was done."))
            case "do":
                return self._steps.command(item, more)
            case "called":
                return self._steps.command(item, command_in(more))
            case _:
                return self._steps.carry_out(item, more)

    def _use_item(self, item: ReachableItem, digits: str) -> str:
        if digits == "*":
            return self._steps.show(group_of(self._items, item))
        if digits in ("#", ""):
            return self._steps.show_item(item)
        if digits == "9":
            return self._steps.show_item(item, self._steps.status())
        values = offered(item)
        if not digits.isdecimal() or not 1 <= int(digits) <= len(values):
            return self._steps.show_item(item, self._texts.phrase("That key has no function here."))
        value = values[int(digits) - 1]
        return self._steps.command(item, value) if value else self._steps.pages.ask_value(item)

    def _enter(self, item: ReachableItem, digits: str) -> str:
        value = number(digits.replace("*", ".")) if digits != "*" else None
        given = GivenWords(numbers=[value] if value is not None else [])
        words = vocabulary(self._caller.user.language)
        command = command_of(item, given, words, self._parts.now()) if value is not None else None
        if command is None:
            note_refused(self._parts.use, self._caller.user, NotTaken(item=item))
            return self._steps.show_item(item, self._texts.phrase("{name} does not accept that.", name=item.label))
        return self._steps.command(item, command)
