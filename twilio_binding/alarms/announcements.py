"""What the service publishes of alarms to openHAB and MQTT: the states of their channels, and the trigger `alarm-update`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial

import structlog

from twilio_binding.alarms.people import AlarmPeople
from twilio_binding.alarms.ports import EventJournal
from twilio_binding.clock import local_time
from twilio_binding.model.alarm_run import Attempt, Run
from twilio_binding.model.events import Event, date_state
from twilio_binding.workers import Workers

_log = structlog.get_logger(__name__)

_LIFETIME = 3600.0
"""Seconds after which an update no longer fires its trigger."""
UPDATE = "alarm-update"


class Announcements:
    """Stores events for delivery, in order, on its own thread, so that the next step does not wait."""

    def __init__(self, journal: EventJournal, people: AlarmPeople, clock: Callable[[], float]) -> None:
        self._journal = journal
        self._people = people
        self._clock = clock
        self._workers = Workers(1)
        self.start, self.stop = self._workers.start, self._workers.stop

    def announce(self, run: Run, attempt: Attempt | None = None) -> None:
        """Publish the state of a run once; with `attempt`, also its outcome."""
        about = f"{attempt.id}\n{attempt.status}" if attempt else str(run.last_record)
        event = Event(
            thing=run.alarm,
            states=self._states(run),
            channel=UPDATE,
            payload=self.payload(run, attempt),
            lifetime=_LIFETIME,
            sid_key=f"alarm\n{run.id}\n{about}",
        )
        self._workers.put(partial(self._record, event))

    def introduce(self, alarm: str) -> None:
        """Publish once the state of an alarm that has never run."""
        states = (("active", "OFF"), ("state", "idle"), ("acknowledged-by", ""))
        event = Event(thing=alarm, states=states, lifetime=_LIFETIME, sid_key=f"alarm\n{alarm}\nidle")
        self._workers.put(partial(self._record, event))

    def payload(self, run: Run, attempt: Attempt | None = None) -> str:
        """The JSON of a run."""
        told: dict[str, object] = {
            "alarm": run.alarm,
            "id": run.id,
            "state": run.state,
            "step": step_of(run),
            "message": run.message,
            "severity": self._people.alarm(run.alarm).severity,
            "startedBy": run.by,
            "by": self._people.name_of(run, run.taken_by) if run.taken_by else "",
        }
        if run.is_test:
            told["test"] = True
        if attempt:
            told |= {"contact": attempt.tell.contact, "way": attempt.tell.way, "status": attempt.status}
            told |= {"reason": attempt.reason} if attempt.reason else {}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))

    def moment(self, at: float) -> float:
        """A time of the clock that never jumps, in seconds since 1970 by the current wall clock."""
        return time.time() - (self._clock() - at)

    def _states(self, run: Run) -> tuple[tuple[str, str], ...]:
        taken = date_state(local_time(self.moment(run.taken_at))) if run.taken_by else "UNDEF"
        return (
            ("active", "OFF" if run.state == "idle" else "ON"),
            ("state", run.state),
            ("message", run.message),
            ("step", step_of(run)),
            ("acknowledged-by", self._people.name_of(run, run.taken_by) if run.taken_by else ""),
            ("acknowledged-date", taken),
        )

    def _record(self, event: Event) -> None:
        try:
            self._journal.record(event)
        except Exception:
            _log.exception("alarm.not_announced", thing=event.thing)


def step_of(run: Run) -> str:
    """The text of the step that began last, with its round if there are several."""
    if not run.step or run.state == "idle":
        return ""
    stages = run.plan.stages
    text = run.plan.stage(run.step).text or "wait"
    if run.plan.repeats:
        text += f" ({(run.step - 1) // len(stages) + 1}/{run.plan.repeats + 1})"
    return text
