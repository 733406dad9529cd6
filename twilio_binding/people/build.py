"""Wires contacts, and commands to channels."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from twilio_binding.model.things import ThingsSource
from twilio_binding.people.asked_back import AskedBack
from twilio_binding.people.commands import Commands
from twilio_binding.people.contacts import Contacts
from twilio_binding.people.incoming import AnswersOfContacts, FromContacts
from twilio_binding.people.item_ports import AskedBook, CommandBook
from twilio_binding.people.lock_news import LockNews
from twilio_binding.people.pin_guard import PinGuard
from twilio_binding.people.ports import EventLog, QuestionBook, SendBook, Sending
from twilio_binding.people.questions import Questions
from twilio_binding.people.requests import ContactCommands, ContactRequests
from twilio_binding.people.sends import ContactSends, SendParts
from twilio_binding.people.timer import Timer
from twilio_binding.protocol.contact import CONTACT
from twilio_binding.workers import Workers

_PLACES = 2
_MOST_WAITING = 500
"""Maximum number of waiting requests about contacts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleParts:
    """The parts of the use cases. `clock` is in seconds and never jumps; `lifetime` is that of an event, in seconds."""

    things: ThingsSource
    sends: SendBook
    questions: QuestionBook
    outgoing: Sending
    events: EventLog
    clock: Callable[[], float]
    now: Callable[[], datetime]
    lifetime: float
    commands: CommandBook
    asked_back: AskedBook
    language: Callable[[], str] = lambda: ""


class PeopleUseCases:
    """The contacts, texts and calls to and from them, and commands to channels."""

    def __init__(self, parts: PeopleParts) -> None:
        self._workers = Workers(_PLACES, most=_MOST_WAITING, what="requests about contacts")
        self._outcomes = Workers(1)
        self._timer = Timer(parts.clock)
        self.contacts = Contacts(parts.things)
        self.sends = ContactSends(_send_parts(parts, self.contacts, self._outcomes), changed=self._timer.wake)
        self._questions = Questions(
            parts.questions,
            self.sends,
            parts.events,
            clock=parts.clock,
            lifetime=parts.lifetime,
            changed=self._timer.wake,
        )
        self.book = parts.commands
        self.asked_back = AskedBack(parts.asked_back)
        self.pins = PinGuard(parts.commands, LockNews(parts.things, self.sends, parts.language).tell)
        # Questions first: their time depends on texts that still wait.
        self._timer.do(self._questions.look, self._resume, self.sends.look)
        self._is_resumed = False
        self.requests = ContactRequests(self.contacts, self.sends, self._questions, self._workers)
        self.witness = FromContacts(
            self.contacts, parts.sends, self.sends, self._outcomes, now=parts.now, lifetime=parts.lifetime
        )
        self.answers = AnswersOfContacts(self._questions)
        self.commands = Commands(parts.things)
        follower = ContactCommands(self.contacts, self.sends, parts.events, lifetime=parts.lifetime)
        self.commands.subscribe(CONTACT.id, follower.follow)

    def review(self) -> None:
        """Handle changed contacts: sends that wait for quiet hours may go out."""
        self._timer.wake()

    def start(self) -> None:
        """Start, and continue the work of the previous process."""
        self._workers.start()
        self._outcomes.start()
        self.commands.start()
        self._timer.start()

    def stop(self, until: float) -> None:
        """Finish work in progress, by a time of the monotonic clock."""
        self._timer.stop(until)
        self.commands.stop(until)
        self._workers.stop(min(until, time.monotonic() + _PATIENCE))
        self._outcomes.stop(min(until, time.monotonic() + _PATIENCE))

    def _resume(self) -> None:
        if not self._is_resumed:
            self._questions.resume(self.contacts.get)
            self._is_resumed = True


_PATIENCE = 2.0


def _send_parts(parts: PeopleParts, contacts: Contacts, outcomes: Workers) -> SendParts:
    return SendParts(
        contacts=contacts,
        book=parts.sends,
        outgoing=parts.outgoing,
        events=parts.events,
        clock=parts.clock,
        lifetime=parts.lifetime,
        later=outcomes.put,
        language=parts.language,
    )


def build_people(parts: PeopleParts) -> PeopleUseCases:
    """The use cases about people, not started yet."""
    return PeopleUseCases(parts)
