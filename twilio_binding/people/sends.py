"""Texts and calls to contacts: they wait for the end of quiet hours, are sent once, and go to the fallback if they fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import structlog

from twilio_binding.clock import local_now
from twilio_binding.errors import id_reused
from twilio_binding.model.actions import MAX_BODY
from twilio_binding.model.contact_actions import ContactSend
from twilio_binding.model.contacts import Contact
from twilio_binding.model.delivery_statuses import FAILED, WAITING
from twilio_binding.model.events import Event, date_state
from twilio_binding.model.segments import beginning
from twilio_binding.people.contacts import Contacts, language_of
from twilio_binding.people.outgoing import request_for
from twilio_binding.people.ports import EventLog, SendBook, Sending, StoredSend
from twilio_binding.protocol.errors import Refusal, TwilioBindingError
from twilio_binding.protocol.replies import Reply

_log = structlog.get_logger(__name__)

Answer = Callable[[Reply], None]


def _nobody(_: Reply) -> None:
    """Ignore the reply."""


_STATUS = "delivery-status"
_AGAIN = 5.0
"""Seconds after which a send that could not be passed to `outgoing` is retried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendParts:
    """The parts of sends. `clock` is in seconds and never jumps; `lifetime` is that of an event; `language` is openHAB's.

    `later` runs a job on another thread, because the thread that reports an outcome may be the one that writes to the
    disk.
    """

    contacts: Contacts
    book: SendBook
    outgoing: Sending
    events: EventLog
    clock: Callable[[], float]
    lifetime: float
    later: Callable[[Callable[[], None]], None]
    language: Callable[[], str] = lambda: ""


class ContactSends:
    """Carries out sends to contacts. `changed` is called when the next due time may have changed."""

    def __init__(self, parts: SendParts, *, changed: Callable[[], None] = lambda: None) -> None:
        self._parts = parts
        self._changed = changed
        self._under_way: set[str] = set()
        self.failed: Callable[[StoredSend], None] = lambda _: None
        """Notified of a question that did not go out."""

    def accept(self, contact: Contact, send: ContactSend, send_id: str, done: Answer = _nobody) -> StoredSend:
        """Store a send on disk, and send it when permitted; `done` gets the outcome.

        A second send with the same id and content is the same one. Raises `Refusal`: `id_reused` if the content differs,
        or if the phone no longer exists.
        """
        self._parts.contacts.phone_of(contact)
        due = self.due_of(contact)
        new = StoredSend(id=send_id, contact=str(contact.uid), send=send, due=due, status=WAITING)
        stored = self._parts.book.enter(new)
        if (stored.contact, stored.send) != (new.contact, new.send):
            raise id_reused()
        if stored.status == WAITING and _quiet_seconds(contact):
            self._wait(stored, contact, done)
        else:
            self._submit(stored, contact, done)
        return stored

    def due_of(self, contact: Contact) -> float:
        """When a send that is accepted now goes out."""
        return self._parts.clock() + _quiet_seconds(contact)

    def goes_out(self, send_id: str, contact: str) -> float | None:
        """When a send goes out that waits; None if it does not, or its contact no longer exists."""
        stored, found = self._parts.book.get(send_id), self._parts.contacts.find(contact, "")
        is_waiting = stored is not None and stored.status == WAITING
        return self.due_of(found) if found is not None and is_waiting else None

    def look(self) -> float | None:
        """Send what no longer needs to wait; returns when the next one is due, None for never."""
        moments = [moment for stored in self._parts.book.waiting() if (moment := self._release(stored)) is not None]
        return min(moments, default=None)

    def advance(self, send_id: str, status: str) -> None:
        """Note the status of a send; failed sends go to the fallback."""
        stored = self._parts.book.get(send_id)
        if stored is None or not self._parts.book.advance(send_id, status):
            return
        if status in FAILED:
            self._pass_on(stored)

    def _release(self, stored: StoredSend) -> float | None:
        """Send a waiting text unless quiet hours apply; returns when to check again."""
        if stored.id in self._under_way:
            return None
        try:
            contact = self._parts.contacts.get(stored.contact)
        except Refusal as refusal:
            self._settled(stored, _nobody, Reply.refused(stored.id, refusal))
            return None
        quiet = _quiet_seconds(contact)
        if not quiet:
            self._submit(stored, contact, _nobody)
        return self._parts.clock() + (quiet or _AGAIN)

    def _wait(self, stored: StoredSend, contact: Contact, done: Answer) -> None:
        until = contact.quiet_hours.end_after(local_now()) if contact.quiet_hours else None
        if stored.new and stored.send.kind == "text":
            _tell(self._parts, stored, WAITING)
        self._changed()
        done(Reply(id=stored.id, ok=True, result={"status": WAITING, "until": date_state(until) if until else ""}))

    def _submit(self, stored: StoredSend, contact: Contact, done: Answer) -> None:
        request = request_for(contact, stored.send, stored.id, language=language_of(contact, self._parts.language))
        self._under_way.add(stored.id)
        try:
            self._parts.outgoing.begin(request, partial(self._came, stored, done), lambda: None)
        except TwilioBindingError as error:
            self._under_way.discard(stored.id)
            if not error.retryable:
                self._settled(stored, done, Reply.refused(stored.id, error))
                return
            # It is stored, so it goes out: it is retried soon.
            self._changed()
            done(Reply(id=stored.id, ok=True, result={"status": WAITING}))

    def _came(self, stored: StoredSend, done: Answer, reply: Reply) -> None:
        self._parts.later(partial(self._settled, stored, done, reply))

    def _settled(self, stored: StoredSend, done: Answer, reply: Reply) -> None:
        """Handle that Twilio accepted it, or will not. Raises nothing."""
        self._under_way.discard(stored.id)
        try:
            status = str(reply.result.get("status", "queued")) if reply.ok else "failed"
            if self._parts.book.advance(stored.id, status):
                if stored.send.kind == "text" and self._parts.book.newest(stored.contact) == stored.id:
                    _tell(self._parts, stored, status)
                if not reply.ok:
                    _log.warning(
                        "contact.not_reached", thing=stored.contact, code=reply.code, reason=reply.message[:300]
                    )
                    self._pass_on(stored)
        except Exception:
            _log.exception("contact.send_failed", thing=stored.contact)
        done(reply)

    def _pass_on(self, stored: StoredSend) -> None:
        """Send to the fallback what did not reach a contact; nobody gets it twice."""
        if stored.send.is_question:
            self.failed(stored)
            return
        things = self._parts.contacts
        contact = things.find(stored.contact, "")
        fallback = things.fallback_of(contact) if contact else None
        passed = (*stored.send.passed, stored.contact)
        if contact is None or fallback is None or fallback.uid in passed:
            return
        _log.info("contact.passed_on", thing=stored.contact, to=fallback.uid)
        text = stored.send.text if stored.send.passed else f"({contact.label}) {stored.send.text}"
        send = replace(stored.send, text=beginning(text, MAX_BODY), passed=passed)
        self.accept(fallback, send, f"{stored.id}/{fallback.uid.id}")


def _tell(parts: SendParts, stored: StoredSend, status: str) -> None:
    states, key = ((_STATUS, status),), status_key(stored, status)
    parts.events.record(Event(thing=stored.contact, states=states, lifetime=parts.lifetime, sid_key=key))


def status_key(stored: StoredSend, status: str) -> str:
    """The key by which events of a status are the same."""
    return f"delivery-status\n{stored.contact}\n{stored.id}\n{status}"


def _quiet_seconds(contact: Contact) -> float:
    """Seconds until the end of a contact's quiet hours."""
    now = local_now()
    end = contact.quiet_hours.end_after(now) if contact.quiet_hours else None
    return max(0.0, (end - now).total_seconds()) if end else 0.0
