"""Questions to contacts: each gets one answer, from the contact or the default, also across restarts."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from twilio_binding.errors import id_reused
from twilio_binding.model.contact_actions import ContactSend, Question
from twilio_binding.model.contacts import Contact
from twilio_binding.model.events import Event
from twilio_binding.people.ports import EventLog, OpenQuestion, QuestionBook, StoredSend
from twilio_binding.people.sends import Answer, ContactSends
from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.protocol.json_text import to_json

_log = structlog.get_logger(__name__)

_TEXT = "/question"
"""The end of the id of a question's text."""
_NEWS = 1.0
"""Seconds by which the end of a question's time must change to be stored."""


class Questions:
    """Asks questions, and takes the answers. `clock` is in seconds and never jumps; `lifetime` is that of an event."""

    def __init__(
        self,
        book: QuestionBook,
        sends: ContactSends,
        events: EventLog,
        *,
        clock: Callable[[], float],
        lifetime: float,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._book = book
        self._sends = sends
        self._events = events
        self._clock = clock
        self._lifetime = lifetime
        self._changed = changed
        sends.failed = self._not_sent

    def ask(self, contact: Contact, question: Question, question_id: str, done: Answer) -> None:
        """Store a question, on disk, and send it; `done` gets the outcome. Raises `Refusal`."""
        text = ContactSend(kind="text", text=question.asked, is_question=True)
        due = self._sends.due_of(contact) + question.minutes * 60
        new = OpenQuestion(id=question_id, contact=str(contact.uid), question=question, due=due)
        stored = self._book.enter(new)
        if (stored.contact, stored.question) != (new.contact, new.question):
            raise id_reused()
        self._sends.accept(contact, text, question_id + _TEXT, done)
        self._changed()

    def answer_in(self, contact: Contact, body: str) -> tuple[OpenQuestion, str] | None:
        """The question that a text of a contact answers, newest first, and the answer; None for none."""
        for one in self._book.open(str(contact.uid)):
            answer = one.question.answer_in(body)
            if answer is not None:
                return one, answer
        return None

    def settle(self, one: OpenQuestion, answer: str, *, is_default: bool = False) -> None:
        """Settle a question; the first answer counts."""
        payload: dict[str, object] = {
            "id": one.id,
            "question": one.question.text,
            "answer": answer,
            "isDefault": is_default,
            "contact": one.contact,
        }
        self._events.record(
            Event(
                thing=one.contact,
                channel="answer-received",
                payload=to_json(payload),
                lifetime=self._lifetime,
                sid_key=f"answer\n{one.contact}\n{one.id}",
            )
        )
        self._book.close(one.id, answer)

    def look(self) -> float | None:
        """Use the default of overdue questions; returns when the next one is due, None for never."""
        asked = [(one, self._due(one)) for one in self._book.open()]
        now = self._clock()
        for one in (one for one, due in asked if due <= now):
            self.settle(one, one.question.default, is_default=True)
        return min((due for _, due in asked if due > now), default=None)

    def _due(self, one: OpenQuestion) -> float:
        """When the default of a question counts. Its time begins when the text goes out, which can change while it waits."""
        goes_out = self._sends.goes_out(one.id + _TEXT, one.contact)
        if goes_out is None:
            return one.due
        due = goes_out + one.question.minutes * 60
        if abs(due - one.due) > _NEWS:
            self._book.put_off(one.id, due)
        return due

    def resume(self, contact_of: Callable[[str], Contact]) -> None:
        """Send the questions that an earlier process stored, but may not have sent."""
        for one in self._book.open():
            text = ContactSend(kind="text", text=one.question.asked, is_question=True)
            try:
                self._sends.accept(contact_of(one.contact), text, one.id + _TEXT)
            except TwilioBindingError as error:
                _log.warning("contact.not_asked", thing=one.contact, reason=str(error))

    def _not_sent(self, stored: StoredSend) -> None:
        """Close a question that could not be sent."""
        asked_id = stored.id.removesuffix(_TEXT)
        for one in self._book.open(stored.contact):
            if one.id == asked_id:
                self.settle(one, one.question.default, is_default=True)
