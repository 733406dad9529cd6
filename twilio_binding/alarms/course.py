"""Carries alarms through their steps: the table of states decides, the decision is stored, then it is carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from twilio_binding.alarms.aftermath import Aftermath
from twilio_binding.alarms.announcements import Announcements
from twilio_binding.alarms.hang_ups import HangUps
from twilio_binding.alarms.other_steps import OtherSteps
from twilio_binding.alarms.people import AlarmPeople
from twilio_binding.alarms.runs import Runs
from twilio_binding.alarms.telling import Telling
from twilio_binding.model.alarm_run import ANSWERED, REACHED_NOBODY, Run
from twilio_binding.model.alarm_state import Input, decide

_log = structlog.get_logger(__name__)

_RECENT = 600.0
"""Seconds after the end of a run within which a restart does what should have followed, if that was not done."""
_NEWS = 24 * 3600.0
"""The same after somebody has taken it; such a run may stay as it is for ever."""
_MOST = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """With what an alarm is started; without a message it is the one that is configured.

    A start with the `request` of an earlier one is the same start, which comes again.
    """

    message: str = ""
    by: str = ""
    request: str = ""
    is_test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What carries out what was decided."""

    telling: Telling
    hang_ups: HangUps
    others: OtherSteps
    announcements: Announcements


class Course:
    """All of it is called on the engine's thread. `clock` is in seconds, and never jumps."""

    def __init__(self, runs: Runs, people: AlarmPeople, hands: Hands, clock: Callable[[], float]) -> None:
        self._runs = runs
        self._people = people
        self._telling = hands.telling
        self._others = hands.others
        self._announcements = hands.announcements
        self._aftermath = Aftermath(people, hands.telling, hands.hang_ups, hands.announcements)
        self._clock = clock
        hands.telling.told.subscribe(self.told)
        hands.others.carried.subscribe(partial(_carried, runs))
        self._is_wanted = partial(_is_alerting, runs)

    def take_up(self) -> None:
        """Continue where an earlier run of the process ended."""
        for run in self._runs.past():
            for attempt in run.attempts.values():
                self._telling.recall_pace(run, attempt)
        for run in self._runs.newest().values():
            self._take_up(run)

    def introduce(self) -> None:
        """The configuration may have changed: tell of alarms that never ran."""
        for uid in self._people.all_alarms().keys() - self._runs.newest().keys():
            self._announcements.introduce(str(uid))

    def start(self, alarm: str, given: Start) -> Run:
        """Start an alarm, unless it is alerting already; returns its run."""
        same = self._runs.started_by(alarm, given.request)
        before = self._runs.newest().get(alarm)
        if same is not None:
            return same
        if before is not None and not _does("open", before, "start"):
            return before
        configured = self._people.alarm(alarm)
        run = self._runs.begin(
            alarm,
            steps=configured.steps,
            message=given.message or configured.message,
            by=given.by,
            request=given.request,
            test=given.is_test,
        )
        _log.warning("alarm.started", thing=alarm, run=run.id, by=given.by, test=given.is_test)
        self._carry_out(run)
        if before is not None:
            self._aftermath.stop(before)
        return run

    def acknowledge(self, run: Run, by: str, *, call: str = "") -> Run:
        """Somebody takes a run, in the call of an attempt or otherwise; the first who does has it."""
        run = self._runs.get(run.id) or run
        if not _does("tell_taken", run, "acknowledge"):
            return run
        after = self._runs.note(run, "acknowledged", by=by, attempt=call)
        _log.warning("alarm.acknowledged", thing=run.alarm, by=by)
        self._aftermath.taken(after)
        return after

    def end(self, alarm: str, by: str) -> Run | None:
        """End an alarm; None where it never ran."""
        run = self._runs.newest().get(alarm)
        if run is None or not _does("recall", run, "end"):
            return run
        after = self._runs.note(run, "ended", by=by)
        _log.warning("alarm.ended", thing=alarm, by=by)
        self._aftermath.ended(after)
        return after

    def told(self, run_id: str, attempt_id: str, status: str, sid: str, reason: str) -> None:
        """Something became of an attempt. That it brings nobody is on disk when this returns: Twilio tells it once."""
        run = self._runs.get(run_id)
        before = run.attempts.get(attempt_id) if run else None
        if run is None or before is None:
            return
        note = self._runs.note if status in REACHED_NOBODY else self._runs.note_soon
        run = note(run, "outcome", attempt=attempt_id, status=status, sid=sid, reason=reason)
        after = run.attempts[attempt_id]
        if after.sid and not before.sid and after.tell.way == "call" and not run.is_open:
            self._aftermath.came_late(run, after)
        if after.status != before.status and (after.reached_nobody or after.status == "paced"):
            self._announcements.announce(run, after)

    def machine(self, run_id: str, attempt_id: str, sid: str) -> None:
        """A machine has answered the call of an attempt, as Twilio thinks; who has pressed a key is none."""
        before = self._runs.get(run_id)
        known = before.attempts.get(attempt_id) if before else None
        if known is not None and known.status == ANSWERED:
            return
        self.told(run_id, attempt_id, "machine", sid, "")
        run = self._runs.get(run_id)
        attempt = run.attempts.get(attempt_id) if run else None
        if run is not None and attempt is not None and run.is_open:
            self._aftermath.machine(run, attempt)

    def work(self) -> float:
        """Do what is due; returns the seconds until something is again."""
        for run in self._runs.newest().values():
            self._go_on(run)
        dues = (run.due() for run in self._runs.newest().values() if run.state == "alerting")
        return max(0.0, min((due - self._clock() for due in dues if due is not None), default=_MOST))

    def _take_up(self, run: Run) -> None:
        if run.is_open:
            _log.warning("alarm.goes_on", thing=run.alarm, step=run.step)
            for attempt in run.pending:
                self._telling.resume(run, attempt, self._runs.open())
            if run.state == "alerting":
                steps = range(max(1, run.step - len(run.plan.stages) + 1), run.step + 1)
                self._others.carry_out(run, steps, self._announcements.payload(run), self._is_wanted)
            self._announcements.announce(run)
            return
        for attempt in run.pending:
            self._telling.follow(run, attempt)
        if run.state == "acknowledged" and run.taken_at > self._clock() - _NEWS:
            self._aftermath.taken(run)
        elif run.ended_at > self._clock() - _RECENT:
            self._aftermath.ended(run)
        else:
            self._announcements.announce(run)

    def _go_on(self, run: Run) -> None:
        """Do all that is due in a run."""
        while run.state == "alerting" and (due := run.due()) is not None and due <= self._clock():
            for attempt in run.attempts_of(run.step):
                if attempt.is_unconfirmed:
                    self._announcements.announce(run, attempt)
            if run.step >= run.steps:
                run = self._runs.note(run, "exhausted")
                _log.error("alarm.exhausted", thing=run.alarm, reason="all steps are over, and nobody has taken it")
                self._announcements.announce(run)
                return
            self._carry_out(self._runs.note(run, "step"))
            run = self._runs.get(run.id) or run

    def _carry_out(self, run: Run) -> None:
        """Do the actions of the step that was begun last."""
        for attempt in run.attempts_of(run.step):
            for older in run.superseded_by(attempt):
                self._telling.withdraw(run, older)
            self._telling.tell(run, attempt, self._runs.open())
        self._others.carry_out(run, (run.step,), self._announcements.payload(run), self._is_wanted)
        self._announcements.announce(self._runs.get(run.id) or run)


def _carried(runs: Runs, run_id: str, name: str) -> None:
    """Something that a step does beside telling people is over."""
    run = runs.get(run_id)
    if run is not None:
        runs.note_soon(run, "carried", action=name)


def _is_alerting(runs: Runs, run_id: str) -> bool:
    """Whether the steps of a run go on."""
    run = runs.get(run_id)
    return run is not None and run.state == "alerting"


def _does(effect: str, run: Run, given: Input) -> bool:
    """Whether an input has an effect on a run as it stands."""
    return effect in decide(run.state, given).effects
