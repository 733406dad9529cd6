"""Views of alarms for the console, the command line and replies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from twilio_binding.alarms.announcements import step_of
from twilio_binding.alarms.people import AlarmPeople
from twilio_binding.alarms.runs import Runs
from twilio_binding.model.alarm_run import Run
from twilio_binding.model.alarm_state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """A notification of a contact: who, how, when, and its outcome. `is_told` says that it may have reached the contact."""

    contact: str
    way: str
    at: float
    status: str
    reason: str = ""
    is_told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmView:
    """An alarm with its newest run, or with an earlier one. Times are in seconds since 1970, 0.0 for none.

    `run` is "" if the alarm never ran.
    """

    uid: str
    label: str
    severity: str
    state: State = "idle"
    run: str = ""
    number: int = 0
    message: str = ""
    step: str = ""
    started_by: str = ""
    started_at: float = 0.0
    taken_by: str = ""
    taken_at: float = 0.0
    ended_at: float = 0.0
    is_test: bool = False
    attempts: Sequence[AttemptView] = ()


class AlarmViews:
    """Creates views. Thread-safe. `moment` turns a time of the clock that never jumps into one for people."""

    def __init__(self, runs: Runs, people: AlarmPeople, moment: Callable[[float], float]) -> None:
        self._runs = runs
        self._people = people
        self._moment = moment

    def overview(self) -> Sequence[AlarmView]:
        """All alarms that are configured or still active, each with its newest run."""
        newest = self._runs.newest()
        active = (uid for uid, run in newest.items() if run.state != "idle")
        return [self.of_alarm(uid) for uid in dict.fromkeys((*map(str, self._people.all_alarms()), *active))]

    def history(self) -> Sequence[AlarmView]:
        """All stored runs, newest first."""
        return [self.of(run) for run in sorted(self._runs.past(), key=lambda run: run.at, reverse=True)]

    def of_alarm(self, uid: str) -> AlarmView:
        """An alarm with its newest run."""
        run = self._runs.newest().get(uid)
        if run is not None:
            return self.of(run)
        alarm = self._people.alarm(uid)
        return AlarmView(uid=uid, label=alarm.label, severity=alarm.severity)

    def of(self, run: Run) -> AlarmView:
        """A run."""
        alarm = self._people.alarm(run.alarm)
        return AlarmView(
            uid=run.alarm,
            label=alarm.label,
            severity=alarm.severity,
            state=run.state,
            run=run.id,
            number=run.number,
            message=run.message,
            step=step_of(run),
            started_by=run.by,
            started_at=self._moment(run.at),
            taken_by=self._people.name_of(run, run.taken_by) if run.taken_by else "",
            taken_at=self._moment(run.taken_at) if run.taken_at else 0.0,
            ended_at=self._moment(run.ended_at) if run.ended_at else 0.0,
            is_test=run.is_test,
            attempts=tuple(
                AttemptView(
                    contact=self._people.name_of(run, one.tell.contact),
                    way=one.tell.way,
                    at=self._moment(one.at),
                    status=one.status,
                    reason=one.reason,
                    is_told=bool(one.sid) and not one.reached_nobody,
                )
                for one in run.attempts.values()
            ),
        )
