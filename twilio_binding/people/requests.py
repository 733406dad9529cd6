"""Requests of rules and programs for contacts: actions over MQTT, and commands to their channels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from uuid import uuid4

import structlog

from twilio_binding.model.contact_actions import ContactSend, Question, read_contact_action, text_to
from twilio_binding.model.contacts import Contact
from twilio_binding.model.events import Event
from twilio_binding.outgoing.dispatch import failed
from twilio_binding.people.contacts import Contacts
from twilio_binding.people.ports import EventLog
from twilio_binding.people.questions import Questions
from twilio_binding.people.sends import Answer, ContactSends
from twilio_binding.protocol.commands import Command
from twilio_binding.protocol.contact import MESSAGE, UNREAD
from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.workers import Workers

_log = structlog.get_logger(__name__)


class ContactRequests:
    """Carries out actions of contacts, on `workers`."""

    def __init__(self, contacts: Contacts, sends: ContactSends, questions: Questions, workers: Workers) -> None:
        self._contacts = contacts
        self._sends = sends
        self._questions = questions
        self._workers = workers

    def begin(self, request: Request, done: Answer, taken: Callable[[], None]) -> None:
        """Read a request and carry it out; `taken` is called when it is stored. Raises `Refusal`, without calling anything."""
        contact = self._contacts.get(request.thing)
        wanted = read_contact_action(request.action, request.args)
        request = replace(request, id=request.id or uuid4().hex)
        self._workers.put(partial(self._carry_out, contact, wanted, request, done, taken))

    def _carry_out(
        self,
        contact: Contact,
        wanted: ContactSend | Question,
        request: Request,
        done: Answer,
        taken: Callable[[], None],
    ) -> None:
        try:
            if isinstance(wanted, Question):
                self._questions.ask(contact, wanted, request.id, done)
            else:
                self._sends.accept(contact, wanted, request.id, done)
        except TwilioBindingError as error:
            done(Reply.refused(request.id, error))
        except Exception:
            _log.exception("action.failed", thing=request.thing, action=request.action)
            done(failed(request.id))
        taken()


class ContactCommands:
    """Carries out commands to the channels of contacts."""

    def __init__(self, contacts: Contacts, sends: ContactSends, events: EventLog, *, lifetime: float) -> None:
        self._contacts = contacts
        self._sends = sends
        self._events = events
        self._lifetime = lifetime

    def follow(self, command: Command) -> None:
        """Send a text, or set the number of unread messages; raises `Refusal`."""
        contact = self._contacts.get(command.thing)
        if command.channel == UNREAD:
            self._record(command.thing, counter=(UNREAD, int(command.value)))
        elif command.channel == MESSAGE:
            self._sends.accept(contact, text_to(command.value), command.id or uuid4().hex)
            self._give_back_state(command)

    def _give_back_state(self, command: Command) -> None:
        """Restore the state of a commanded item, which should show the newest text from the contact."""
        last = self._events.last_states().get(f"{command.thing}:{MESSAGE}")
        if command.way == "stream" and last is not None:
            self._record(command.thing, states=((MESSAGE, last),))

    def _record(
        self,
        thing: str,
        *,
        states: tuple[tuple[str, str], ...] = (),
        counter: tuple[str, int | None] | None = None,
    ) -> None:
        self._events.record(Event(thing=thing, states=states, counter=counter, lifetime=self._lifetime))
