"""Takes texts and WhatsApp messages of contacts that use items."""

from __future__ import annotations

from collections.abc import Callable

from twilio_binding.incoming.ports import Taken
from twilio_binding.model import twiml
from twilio_binding.model.events import Webhook
from twilio_binding.model.things import Phone
from twilio_binding.people.contacts import Contacts, language_of
from twilio_binding.people.item_use import ItemUser
from twilio_binding.people.text_dialogue import TextDialogue


class TextCommands:
    """The `Taker` of texts, where the phone has `commands`; the reply goes in the answer to the webhook.

    Strangers, and contacts who may neither read nor command, are left to rules: they learn nothing.
    """

    def __init__(self, contacts: Contacts, conversations: TextDialogue, language: Callable[[], str]) -> None:
        self._contacts = contacts
        self._conversations = conversations
        self._language = language

    def message(self, webhook: Webhook, phone: Phone) -> Taken | None:
        """A text of a contact who may use items."""
        if not phone.commands:
            return None
        contact = self._contacts.of_number(webhook.fields.get("From", ""), str(phone.uid))
        body = webhook.fields.get("ButtonPayload") or webhook.fields.get("Body", "")
        if contact is None or not (contact.may("read") or contact.may("command")) or not body.strip():
            return None
        language = language_of(contact, self._language)
        user = ItemUser(contact=contact, phone=str(phone.uid), way="text", language=language)
        by, follow = self._conversations.begin(user, body, phone.interpreter)
        return Taken(by=by, answer=lambda: twiml.message(follow()))

    def call(self, webhook: Webhook, phone: Phone, gather_url: str | None) -> Taken | None:
        """No call."""
        del webhook, phone, gather_url
        return None

    def status(self, webhook: Webhook) -> bool:
        """Everybody may know."""
        del webhook
        return False
