"""Interfaces that people need, and their values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from twilio_binding.incoming.ports import Recorded
from twilio_binding.model.contact_actions import ContactSend, Question
from twilio_binding.model.events import Event
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSend:
    """A text or call to a contact. `due` is when it goes out; both times are those of a clock that never jumps."""

    id: str
    contact: str
    send: ContactSend
    due: float
    status: str
    new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """An unanswered question to a contact; the default applies at `due`."""

    id: str
    contact: str
    question: Question
    due: float
    new: bool = False


class SendBook(Protocol):
    """Stores the sends to contacts."""

    def enter(self, one: StoredSend) -> StoredSend:
        """Store a send, or return the one with the same id."""

    def get(self, send_id: str) -> StoredSend | None:
        """The entry with this id; None if there is none."""

    def newest(self, contact: str) -> str:
        """The id of the newest text to a contact, "" for none."""

    def advance(self, send_id: str, status: str) -> bool:
        """Store a status; returns whether it is new."""

    def waiting(self) -> Sequence[StoredSend]:
        """Sends that have not gone out, oldest first."""


class QuestionBook(Protocol):
    """Stores the questions to contacts."""

    def enter(self, one: OpenQuestion) -> OpenQuestion:
        """Store a question, or return the one with the same id."""

    def put_off(self, question_id: str, due: float) -> None:
        """Store another end of the time to answer, on disk."""

    def close(self, question_id: str, answer: str) -> None:
        """Store the answer."""

    def open(self, contact: str = "") -> Sequence[OpenQuestion]:
        """Unanswered questions, of a contact or of all, newest first."""


class EventLog(Protocol):
    """Stores events for delivery to openHAB and MQTT."""

    def record(self, event: Event) -> Recorded:
        """Store the event, or return its first copy."""

    def last_states(self) -> dict[str, str]:
        """The last delivered state of each channel UID."""


class Sending(Protocol):
    """Sends to Twilio."""

    def begin(self, request: Request, done: Callable[[Reply], None], taken: Callable[[], None]) -> None:
        """Store a request and carry it out; a request with the same id is the same. Raises `Refusal`."""
