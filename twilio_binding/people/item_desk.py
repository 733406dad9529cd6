"""What the console shows about items used by text and phone: what contacts hear, and how sentences are understood."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from twilio_binding.model.contacts import Contact
from twilio_binding.model.item_menus import TOP, entries
from twilio_binding.model.sentences.catalogue import Catalogue, catalogue
from twilio_binding.model.sentences.items import ReachableItem, ReachableItems
from twilio_binding.model.sentences.reading import Doubt, ItemCommand, ItemQuestion, Reading
from twilio_binding.model.sentences.spoken_units import aloud
from twilio_binding.model.sentences.states import value_shown
from twilio_binding.people.contacts import language_of
from twilio_binding.people.item_lists import values_taken
from twilio_binding.people.item_ports import CommandBook, ItemCommandEntry, ItemsOfOpenHAB
from twilio_binding.people.item_use import ItemUse, ItemUser
from twilio_binding.people.menu_pages import MenuCaller, MenuPages
from twilio_binding.people.readers import Readers

Hindrance = Literal["may_not_read", "may_not_command", "callback", "no_pin", "pin", "pin_given", "confirm"]
"""An obstacle to a command or an answer: no right, no PIN for this contact, a PIN that is asked for or was given, ..."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """The meaning of a sentence, obstacles to it, and the spoken form of its commands' values, by item and value."""

    reading: Reading
    hindrances: tuple[Hindrance, ...] = ()
    said: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCommand:
    """A command of a contact, and its time."""

    at: datetime
    entry: ItemCommandEntry


class ItemDesk:
    """Only reads, and never commands. `language` is openHAB's; `wall` returns the wall clock time of an entry.

    Raises `DependencyDownError` if openHAB is down, `TwilioBindingError` if it refuses.
    """

    def __init__(
        self,
        items: ItemsOfOpenHAB,
        book: CommandBook,
        *,
        language: Callable[[], str],
        now: Callable[[], datetime],
        wall: Callable[[float], datetime],
    ) -> None:
        self._items = items
        self._book = book
        self._use = ItemUse(items, book)
        self._readers = Readers(items)
        self._language = language
        self._now = now
        self._wall = wall

    def texts(self, contact: Contact | None) -> Catalogue:
        """The words for a contact; without one, in openHAB's language."""
        return catalogue(language_of(contact, self._language) if contact else self._language())

    def reachable(self) -> ReachableItems:
        """All usable items, and mistakes in metadata."""
        return self._items.reachable()

    def states(self, texts: Catalogue, items: Sequence[ReachableItem]) -> Sequence[str]:
        """The state of each item as a phone says it, "" if nobody may ask for it."""
        readable = [item for item in items if item.can_read]
        told = self._use.states(texts, readable) if readable else ()
        sentences = {item.name: aloud(one, texts) for item, one in zip(readable, told, strict=True)}
        return [sentences.get(item.name, "") for item in items]

    def takes(self, texts: Catalogue, item: ReachableItem) -> str:
        """The commands that an item accepts, as text, "" for none."""
        return ", ".join(values_taken(texts, item)) if item.can_command else ""

    def menu(self, contact: Contact) -> str:
        """The TwiML that a calling contact hears; "" if no item that they may use has a key."""
        user, items = self._user(contact), self._use.reachable(contact)
        listed = entries(items, TOP, 0)
        names = [one.item.name for one in listed if one.item and user.may_read(one.item)]
        states = self._use.known_states(*names) if names else {}
        caller = MenuCaller(user=user, gather_url="", may_speak=False)
        return MenuPages(caller).menu(TOP, 0, listed, states) if listed else ""

    def understand(self, contact: Contact, text: str) -> Understood:
        """What a text of a contact would do."""
        user = self._user(contact)
        reading = self._readers.read(user, text, self._now())
        choices = reading.choices if isinstance(reading, Doubt) else (reading,)
        commands = [one for one in choices if isinstance(one, ItemCommand)]
        return Understood(
            reading=reading,
            hindrances=_hindrances(user, reading),
            said={(one.item.name, one.value): value_shown(one.item, one.value, user.texts) for one in commands},
        )

    def past(self, most: int, before: int | None = None) -> Sequence[PastCommand]:
        """Commands before an entry, newest first."""
        return [PastCommand(at=self._wall(entry.at), entry=entry) for entry in self._book.newest(most, before=before)]

    def _user(self, contact: Contact) -> ItemUser:
        language = language_of(contact, self._language)
        return ItemUser(contact=contact, phone=contact.phone, way="text", language=language)


def _hindrances(user: ItemUser, reading: Reading) -> tuple[Hindrance, ...]:
    if isinstance(reading, ItemQuestion):
        return () if user.may_read(reading.item) else ("may_not_read",)
    if not isinstance(reading, ItemCommand):
        return ()
    if not user.contact.may("command"):
        return ("may_not_command",)
    if reading.item.needs_callback:
        return ("callback",)
    found: list[Hindrance] = []
    if reading.item.needs_pin:
        found.append("no_pin" if user.contact.pin is None else "pin_given" if reading.pin else "pin")
    if reading.item.needs_confirmation:
        found.append("confirm")
    return tuple(found)
