"""Messages from contacts, their answers to questions, and the status of what was sent to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from twilio_binding.incoming.ports import Taken
from twilio_binding.model import payloads, twiml
from twilio_binding.model.contacts import Contact
from twilio_binding.model.delivery_statuses import is_news
from twilio_binding.model.events import Event, Webhook, date_state, message_sid
from twilio_binding.model.things import Phone
from twilio_binding.people.contacts import Contacts
from twilio_binding.people.ports import OpenQuestion, SendBook
from twilio_binding.people.questions import Questions
from twilio_binding.people.sends import ContactSends, status_key
from twilio_binding.protocol.contact import MESSAGE, UNREAD
from twilio_binding.workers import Workers

ANSWER = "answer"
"""The name for texts that answer a question."""
COMMAND = "command"
"""The name for texts that use items, which nobody needs to read."""


class FromContacts:
    """Creates events of contacts from webhooks. `now` must return a time with a zone; `lifetime` is that of an event."""

    def __init__(
        self,
        contacts: Contacts,
        book: SendBook,
        sends: ContactSends,
        workers: Workers,
        *,
        now: Callable[[], datetime],
        lifetime: float,
    ) -> None:
        self._contacts = contacts
        self._book = book
        self._sends = sends
        self._workers = workers
        self._now = now
        self._lifetime = lifetime

    def events(self, webhook: Webhook, by: str) -> Sequence[Event]:
        """The events of a contact from a webhook."""
        match webhook.endpoint:
            case "sms" | "whatsapp" if webhook.contact:
                return [self._message(webhook.contact, webhook, by)]
            case "voice" if webhook.contact:
                return [self._call(webhook.contact, webhook)]
            case "status":
                return self._delivery(webhook)
            case _:
                return []

    def stored(self, webhook: Webhook) -> None:
        """Note the status of a send; failed sends are passed to the fallback on another thread."""
        send_id, status = _about(webhook)
        if send_id and self._contacts.are_there:
            self._workers.put(partial(self._sends.advance, send_id, status))

    def _message(self, contact: Contact, webhook: Webhook, by: str) -> Event:
        fields = webhook.fields
        return Event(
            thing=contact.uid,
            states=((MESSAGE, fields.get("Body", "")), ("message-date", date_state(self._now()))),
            channel="message-received",
            payload=payloads.message(fields, handled_by=by, contact=contact.uid),
            lifetime=self._lifetime,
            sid_key=_key("message", contact, message_sid(fields)),
            counter=None if by == COMMAND else (UNREAD, None),
        )

    def _call(self, contact: Contact, webhook: Webhook) -> Event:
        return Event(
            thing=contact.uid,
            states=(("last-call-date", date_state(self._now())),),
            lifetime=self._lifetime,
            sid_key=_key("call", contact, webhook.fields.get("CallSid", "")),
        )

    def _delivery(self, webhook: Webhook) -> Sequence[Event]:
        send_id, status = _about(webhook)
        stored = self._book.get(send_id) if send_id and self._contacts.are_there else None
        if stored is None or stored.send.kind != "text" or not is_news(status, stored.status):
            return []
        if self._book.newest(stored.contact) != send_id:
            return []
        return [
            Event(
                thing=stored.contact,
                states=(("delivery-status", status),),
                lifetime=self._lifetime,
                sid_key=status_key(stored, status),
            )
        ]


class AnswersOfContacts:
    """Takes texts that answer a question."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions

    def message(self, webhook: Webhook, phone: Phone) -> Taken | None:
        """Take a text that answers a question; rules get it, too."""
        del phone
        contact, said = webhook.contact, webhook.said
        answers = (found for text in said if contact and (found := self._questions.answer_in(contact, text)))
        found = next(answers, None)
        return Taken(by=ANSWER, answer=lambda: self._settle(*found)) if found else None

    def is_answered(self, contact: Contact, said: Sequence[str]) -> bool:
        """Whether a text of a contact, given its possible meanings, answers a question."""
        return any(self._questions.answer_in(contact, text) for text in said)

    def _settle(self, one: OpenQuestion, answer: str) -> str:
        self._questions.settle(one, answer)
        return twiml.EMPTY


def _about(webhook: Webhook) -> tuple[str, str]:
    """The request and the status in a status callback; "" if it has none."""
    fields = webhook.fields
    status = fields.get("MessageStatus") or fields.get("CallStatus") or ""
    return (webhook.query.get("request", "") if webhook.endpoint == "status" and status else ""), status


def _key(kind: str, contact: Contact, sid: str) -> str:
    return f"contact-{kind}\n{contact.uid}\n{sid}" if sid else ""
