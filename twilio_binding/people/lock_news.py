"""Notifies about a contact whose PIN was locked."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_hex

import structlog

from twilio_binding.model.contact_actions import ContactSend
from twilio_binding.model.sentences.catalogue import catalogue
from twilio_binding.model.things import ThingsSource
from twilio_binding.people.contacts import language_of
from twilio_binding.people.item_use import ItemUser
from twilio_binding.people.pin_guard import LOCKED_MINUTES, MOST_WRONG
from twilio_binding.people.sends import ContactSends
from twilio_binding.protocol.errors import TwilioBindingError

_log = structlog.get_logger(__name__)


class LockNews:
    """Texts the owner of the PIN, and contacts who may acknowledge alarms: a number can be forged, but texts to it reach its owner."""

    def __init__(self, things: ThingsSource, sends: ContactSends, language: Callable[[], str]) -> None:
        self._things = things
        self._sends = sends
        self._language = language

    def tell(self, user: ItemUser) -> None:
        """Notify about a contact that was locked just now."""
        contacts = self._things.current().contacts.values()
        owners = [one for one in contacts if one.may("acknowledge") and one.bridge == user.contact.bridge]
        told = {str(one.uid): one for one in (user.contact, *owners)}
        for contact in told.values():
            text = catalogue(language_of(contact, self._language)).phrase(
                "{contact}: {count} wrong PINs. Their PIN is locked for {minutes} minutes.",
                contact=user.contact.label,
                count=MOST_WRONG,
                minutes=LOCKED_MINUTES,
            )
            try:
                self._sends.accept(contact, ContactSend(kind="text", text=text), f"locked-{token_hex(8)}")
            except TwilioBindingError as error:
                _log.warning("contact.not_told", thing=str(contact.uid), reason=str(error))
