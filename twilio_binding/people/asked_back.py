"""Pending questions to contacts about their commands, which they can answer within minutes, also after a restart."""

from __future__ import annotations

from twilio_binding.model.contacts import Contact
from twilio_binding.model.sentences.reading import ItemCommand, ItemQuestion
from twilio_binding.people.item_ports import Asked, AskedBook, Choice

_ANSWERABLE = 300.0
"""Seconds for which an answer counts."""


class AskedBack:
    """The last question to each contact. It never contains a PIN."""

    def __init__(self, book: AskedBook) -> None:
        self._book = book

    def ask(self, contact: Contact, asked: Asked) -> None:
        """Note a question to a contact; an earlier one is dropped."""
        self._book.put(str(contact.uid), asked, seconds=_ANSWERABLE)

    def pending(self, contact: Contact) -> Asked | None:
        """The pending question to a contact."""
        return self._book.pending(str(contact.uid))

    def take(self, contact: Contact) -> None:
        """Take the pending question: an answer counts for one question, and other texts are no later answers."""
        if self.pending(contact) is not None:
            self._book.drop(str(contact.uid))


def choice_of(reading: ItemCommand | ItemQuestion) -> Choice:
    """The stored form of a reading."""
    return Choice(item=reading.item.name, value=reading.value if isinstance(reading, ItemCommand) else None)
