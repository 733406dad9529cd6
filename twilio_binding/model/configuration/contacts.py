"""Creates contacts from their configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from twilio_binding.model.configuration.accounts import read_number
from twilio_binding.model.configuration.checks import language, pin, quiet_hours, voice
from twilio_binding.model.configuration.draft import Draft
from twilio_binding.model.contacts import Contact, Right, Via
from twilio_binding.model.pins import Pin
from twilio_binding.model.quiet_hours import QuietHours
from twilio_binding.protocol.contact import CONTACT


def make_contact(draft: Draft) -> Contact:
    """A contact; make account and phones first. The fallback is not resolved yet."""
    given, account = draft.given, draft.account()
    number = read_number(given)
    hours = given.text("quietHours", check=quiet_hours)
    contact = Contact(
        uid=draft.uid,
        label=draft.label,
        bridge=draft.bridge,
        phone_number=number,
        phone=_phone(draft) if account else "",
        via=cast("Via", given.choice("via")),
        language=given.text("language", check=language).replace("_", "-"),
        voice=given.text("voice", check=voice),
        rights=cast("frozenset[Right]", given.choices("rights")),
        pin=Pin.read(given.text("pin", check=pin)),
        quiet_hours=QuietHours.read(hours) if hours and not quiet_hours(hours) else None,
        fallback=given.text("fallback"),
    )
    _name_doubts(draft, contact)
    return contact


def with_fallback(draft: Draft, contact: Contact, contacts: Mapping[str, Contact]) -> Contact:
    """The contact with its fallback as a UID, or without one that does not exist."""
    if not contact.fallback:
        return contact
    found = draft.find(contact.fallback, contacts)
    if found is None:
        draft.given.warn("fallback", f"{draft.missing(CONTACT.id, contact.fallback)}; the contact has no fallback")
    elif found.uid == contact.uid:
        draft.given.warn("fallback", "a contact cannot be its own fallback; the contact has no fallback")
        found = None
    return replace(contact, fallback=str(found.uid) if found else "")


def _phone(draft: Draft) -> str:
    """The UID of the contact's phone: the named one, or the only one of the account."""
    written = draft.given.text("phone")
    if written:
        named = draft.find(written, draft.things.phones)
        if named is None:
            draft.given.refuse("phone", draft.missing("phone", written))
        return str(named.uid) if named else ""
    phones = [phone for phone in draft.things.phones.values() if phone.bridge == draft.bridge]
    if len(phones) != 1:
        names = ", ".join(phone.uid.id for phone in phones)
        many = f"{draft.bridge} has {len(phones)} phones; set this parameter to one of them: {names}"
        draft.given.refuse("phone", many if phones else f"{draft.bridge} has no phone that can be used")
        return ""
    return str(phones[0].uid)


def _name_doubts(draft: Draft, contact: Contact) -> None:
    """Warn of a suspicious number."""
    number, things = contact.phone_number, draft.things
    own = next((phone for phone in things.phones.values() if number and phone.phone_number == number), None)
    if own is not None:
        draft.given.warn("phoneNumber", f"this is your own number {own.uid}; enter the number of the person")
    twin = next(
        (
            other
            for other in things.contacts.values()
            if other.phone_number == number and other.bridge == contact.bridge
        ),
        None,
    )
    if twin is not None:
        draft.given.warn("phoneNumber", f"{twin.uid} has the same number; messages from it are assigned to {twin.uid}")
