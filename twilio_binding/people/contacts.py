"""Finds contacts by thing UID, by ID, and by number."""

from __future__ import annotations

from collections.abc import Callable

from twilio_binding.model.contacts import Contact
from twilio_binding.model.things import Account, Phone, ThingsSource
from twilio_binding.protocol.errors import Refusal


def language_of(contact: Contact, *otherwise: Callable[[], str]) -> str:
    """The language of a contact; if they have none, the first that the other sources return, "" for none."""
    return contact.language or next((found for language in otherwise if (found := language())), "")


class Contacts:
    """The currently configured contacts."""

    def __init__(self, things: ThingsSource) -> None:
        self._things = things

    @property
    def are_there(self) -> bool:
        """Whether there are any contacts."""
        return bool(self._things.current().contacts)

    def get(self, uid: str) -> Contact:
        """The contact with this UID; raises `Refusal` (`unknown_thing`)."""
        return self._things.current().contact(uid)

    def find(self, name: str, account: str) -> Contact | None:
        """The contact with this UID, or with this ID in an account; None if there is none."""
        contacts = self._things.current().contacts
        if ":" in name:
            return contacts.get(name)
        return next((one for one in contacts.values() if one.uid.id == name and one.bridge == account), None)

    def of_number(self, number: str, phone: str) -> Contact | None:
        """The contact with the number that wrote to or called a phone; None for a stranger."""
        things = self._things.current()
        return things.contact_of_number(number, things.phones[phone]) if phone in things.phones else None

    def phone_of(self, contact: Contact) -> tuple[Phone, Account]:
        """The phone that reaches a contact, and its account; raises `Refusal` if it no longer exists."""
        things = self._things.current()
        phone = things.phones.get(contact.phone)
        if phone is None:
            raise Refusal("unknown_thing", f"the phone {contact.phone} of {contact.uid} cannot be used")
        return phone, things.account_of(phone)

    def account(self, uid: str) -> Account:
        """The account with this UID; raises `Refusal` if it no longer exists."""
        return self._things.current().account(uid)

    def fallback_of(self, contact: Contact) -> Contact | None:
        """The contact who gets what does not reach another contact; None if there is none."""
        return self._things.current().contacts.get(contact.fallback)
