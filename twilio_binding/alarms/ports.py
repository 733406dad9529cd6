"""Interfaces that alarms need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol

from twilio_binding.incoming.ports import Recorded
from twilio_binding.model.alarm_run import Record
from twilio_binding.model.events import Event
from twilio_binding.model.things import Account
from twilio_binding.model.watches import ReadState
from twilio_binding.outgoing.ports import Stored
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request

Done = Callable[[Reply], None]


class AlarmLog(Protocol):
    """Stores the records of runs."""

    def append(self, *records: Record) -> list[Record]:
        """Append records in one transaction; returns them with their numbers when they are on disk."""

    def append_soon(self, record: Record) -> Future[object]:
        """Append a record without waiting for the disk; the future is done when it is on disk."""

    def open_records(self) -> Sequence[Record]:
        """All records of runs that have not ended, in order."""

    def latest(self, runs: int) -> Sequence[Record]:
        """All records of the newest runs, in order."""


class Sends(Protocol):
    """Stores sends and carries them out, each id once."""

    def begin(self, request: Request, done: Done, taken: Callable[[], None]) -> None:
        """Carry out a request; raises `Refusal` if it is invalid."""

    def resume(self, request_id: str, done: Done) -> bool:
        """Call `done` with the reply to a stored request; False if no request with this id is stored."""

    def find(self, request_id: str, /) -> Stored | None:
        """The request with this id; None if there is none."""


class RunningCalls(Protocol):
    """Running calls at Twilio."""

    def hang_up(self, account: Account, call_sid: str, *, saying: str = "") -> None:
        """End a call after TwiML that says why; raises `TwilioError` or `OutcomeUnknownError`."""


class EventJournal(Protocol):
    """Stores events, and delivers them to openHAB and MQTT."""

    def record(self, event: Event) -> Recorded:
        """Store an event, or return the one that is stored already."""


class AlarmItems(Protocol):
    """openHAB's items. Methods raise `DependencyDownError`, and openHAB's refusals."""

    def read(self, item: str) -> ReadState:
        """The state of an item as text, and when it last changed."""

    def told(self, item: str, language: str) -> str:
        """The state of an item in the form for people; "" if it has none."""

    def send_command(self, item: str, command: str) -> None:
        """Send a command to an item."""


Publish = Callable[[str, str], None]
"""Publishes a payload to a topic over MQTT; returns when the broker has it. Raises `DependencyDownError` and `Refusal`."""
Notify = Callable[[str, str], None]
"""Sends a notification to a user of openHAB Cloud, or to all users with ""."""
