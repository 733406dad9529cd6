"""What people need from the outside, and the values that go with it."""

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
    """A text or call to a contact. `due` is when it goes out; both moments are those of a clock that never jumps."""

    id: str
    contact: str
    send: ContactSend
    due: float
    status: str
    new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """A question to a contact that is not answered; the default is taken at `due`."""

    id: str
    contact: str
    question: Question
    due: float
    new: bool = False


class SendBook(Protocol):
    """Remembers durably what is sent to contacts."""

    def enter(self, one: StoredSend) -> StoredSend:
        """Store one, or find that of the same id."""

    def get(self, send_id: str) -> StoredSend | None:
        """The entry with this id; None if there is none."""

    def newest(self, contact: str) -> str:
        """The id of the newest text to a contact, "" for none."""

    def advance(self, send_id: str, status: str) -> bool:
        """Note a status; whether it is news."""

    def waiting(self) -> Sequence[StoredSend]:
        """Those that have not gone out, the oldest first."""


class QuestionBook(Protocol):
    """Remembers durably what contacts are asked."""

    def enter(self, one: OpenQuestion) -> OpenQuestion:
        """Store one, or find that of the same id."""

    def close(self, question_id: str, answer: str) -> None:
        """Note the answer."""

    def open(self, contact: str = "") -> Sequence[OpenQuestion]:
        """Those without an answer, of a contact or of all, the newest first."""


class EventLog(Protocol):
    """Where events begin their way to openHAB and MQTT."""

    def record(self, event: Event) -> Recorded:
        """Store the event, or find its first copy."""

    def last_states(self) -> dict[str, str]:
        """The last delivered state of each channel UID."""


class Sending(Protocol):
    """Sends to Twilio."""

    def begin(self, request: Request, done: Callable[[Reply], None], taken: Callable[[], None]) -> None:
        """Store a request and carry it out; a request of the same id is the same. Raises `Refusal`."""
