"""Starts, acknowledges and ends alarms for all callers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from twilio_binding.alarms.course import Course, Start
from twilio_binding.alarms.engine import Engine
from twilio_binding.alarms.messages import AlarmMessages
from twilio_binding.alarms.people import AlarmPeople
from twilio_binding.alarms.runs import Runs
from twilio_binding.alarms.views import AlarmView, AlarmViews
from twilio_binding.protocol.errors import Refusal

_NOBODY = "somebody"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmParts:
    """The parts of `Alarms`."""

    runs: Runs
    course: Course
    people: AlarmPeople
    messages: AlarmMessages
    views: AlarmViews
    engine: Engine


class Alarms:
    """Thread-safe. A change is on disk when the method returns; otherwise the method raises `Refusal`."""

    def __init__(self, parts: AlarmParts) -> None:
        self._runs = parts.runs
        self._course = parts.course
        self._people = parts.people
        self._messages = parts.messages
        self._views = parts.views
        self._engine = parts.engine

    def start(
        self, uid: str, message: str = "", *, by: str = "", request: str = "", is_test: bool = False
    ) -> AlarmView:
        """Start an alarm unless it is alerting already; `message` replaces the configured one.

        The same `request` starts it only once.
        """
        alarm = self._people.configured(uid)
        filled = self._messages.fill(message.strip() or alarm.message, self._people.language(alarm))
        given = Start(message=filled, by=by, request=request, is_test=is_test)
        return self._views.of(self._engine.ask(partial(self._course.start, uid, given)))

    def acknowledge(self, uid: str, by: str) -> AlarmView:
        """Acknowledge an alarm for a contact (its ID or UID) or any name; only the first acknowledgement counts."""
        run = self._runs.newest().get(uid)
        if run is None:
            self._people.configured(uid)
        if run is None or run.state == "idle":
            raise Refusal("not_active", "the alarm is not active; there is nothing to acknowledge")
        return self._views.of(self._engine.ask(partial(self._course.acknowledge, run, by.strip() or _NOBODY)))

    def end(self, uid: str, by: str = "") -> AlarmView:
        """End an alarm; nothing changes if it is not active."""
        if uid not in self._runs.newest():  # a run can be ended even if its alarm is no longer configured
            self._people.configured(uid)
        self._engine.ask(partial(self._course.end, uid, by))
        return self._views.of_alarm(uid)

    def overview(self) -> Sequence[AlarmView]:
        """All alarms that are configured or still active, each with its newest run."""
        return self._views.overview()

    def history(self) -> Sequence[AlarmView]:
        """All stored runs, newest first."""
        return self._views.history()
