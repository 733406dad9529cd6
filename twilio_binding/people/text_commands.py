"""Takes texts and WhatsApp messages of contacts who use items."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from twilio_binding.incoming.ports import Taken
from twilio_binding.model import twiml
from twilio_binding.model.events import Webhook
from twilio_binding.model.things import Phone
from twilio_binding.people.contacts import language_of
from twilio_binding.people.incoming import COMMAND
from twilio_binding.people.item_use import ItemUser
from twilio_binding.people.rule_replies import RuleReplies
from twilio_binding.people.text_dialogue import TextDialogue


class TextCommands:
    """Takes texts if the phone has `commands`; the reply goes into the answer to the webhook.

    Texts of strangers, and of contacts who may neither read nor command, are left to rules: they learn nothing.
    """

    def __init__(self, conversations: TextDialogue, replies: RuleReplies, language: Callable[[], str]) -> None:
        self._conversations = conversations
        self._replies = replies
        self._language = language

    def message(self, webhook: Webhook, phone: Phone) -> Taken | None:
        """Take a text of a contact who may use items."""
        if not phone.commands:
            return None
        contact = webhook.contact
        body = next(iter(webhook.said), "")
        if contact is None or not (contact.may("read") or contact.may("command")) or not body:
            return None
        language = language_of(contact, self._language)
        is_proven = webhook.endpoint == "whatsapp"
        user = ItemUser(contact=contact, phone=str(phone.uid), way="text", language=language, is_proven=is_proven)
        since = monotonic()
        untold = self._replies.seconds_since(contact.phone_number)
        by, follow = self._conversations.begin(user, body, phone.interpreter, untold=untold)
        channels = (f"{phone.uid}:{webhook.endpoint}-received", f"{contact.uid}:message-received")

        def answer() -> str:
            said = follow()
            if not said and self._replies.is_answered(contact.phone_number, channels, since):
                return twiml.EMPTY
            return twiml.message(said or self._conversations.unclear(user, body))

        return Taken(by=by or COMMAND, is_handled=bool(by), answer=answer)
