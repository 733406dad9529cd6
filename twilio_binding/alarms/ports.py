"""What alarms need from the outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol

from twilio_binding.incoming.ports import Recorded
from twilio_binding.model.alarm_run import Record
from twilio_binding.model.events import Event
from twilio_binding.model.things import Account
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request

Done = Callable[[Reply], None]


class AlarmLog(Protocol):
    """Keeps the records of runs durably."""

    def append(self, *records: Record) -> list[Record]:
        """Append records in one transaction; returns them with their numbers once they are on disk."""

    def append_soon(self, record: Record) -> Future[object]:
        """Append a record without waiting for the disk; the future tells when it is there."""

    def open_records(self) -> Sequence[Record]:
        """All records of runs that have not ended, in order."""

    def latest(self, runs: int) -> Sequence[Record]:
        """All records of the newest runs, in order."""


class Sends(Protocol):
    """Stores sends and carries them out, each id once."""

    def begin(self, request: Request, done: Done, taken: Callable[[], None]) -> None:
        """Carry a request out; raises `Refusal` where it makes no sense."""

    def resume(self, request_id: str, done: Done) -> bool:
        """Call `done` with the reply to a stored request; False if no request with this id is stored."""


class RunningCalls(Protocol):
    """Calls that go on at Twilio."""

    def hang_up(self, account: Account, call_sid: str, *, saying: str = "") -> None:
        """End a call, after TwiML that says why; raises `TwilioError` or `OutcomeUnknownError`."""


class EventJournal(Protocol):
    """Stores events durably, and delivers them to openHAB and MQTT."""

    def record(self, event: Event) -> Recorded:
        """Store an event, or find it where it was stored before."""


class AlarmItems(Protocol):
    """openHAB's items. Raises `DependencyDownError` and what openHAB refuses."""

    def state(self, item: str) -> str:
        """The state of an item as text."""

    def told(self, item: str, language: str) -> str:
        """The state of an item as people read it; "" where it has none."""

    def send_command(self, item: str, command: str) -> None:
        """Send a command to an item."""


Publish = Callable[[str, str], None]
"""Publishes a payload to a topic over MQTT."""
Notify = Callable[[str, str], None]
"""Sends a text to a user of openHAB Cloud, or to all of them with ""."""
