"""Runs the steps of alarms: the table of states decides, the decision is stored, then it is carried out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

import structlog

from twilio_binding.alarms import wording
from twilio_binding.alarms.aftermath import Aftermath
from twilio_binding.alarms.announcements import Announcements
from twilio_binding.alarms.hang_ups import HangUps
from twilio_binding.alarms.other_steps import OtherSteps, SaidOfRun
from twilio_binding.alarms.people import AlarmPeople
from twilio_binding.alarms.runs import Runs, nothing_to_write, started_by
from twilio_binding.alarms.telling import Telling
from twilio_binding.model.alarm_run import ANSWERED, RecordKind, Run
from twilio_binding.model.alarm_state import Input, decide

_log = structlog.get_logger(__name__)

_RECENT = 600.0
"""Seconds after the end of a run in which a restart still does what should have followed."""
_NEWS = 24 * 3600.0
"""The same after an acknowledgement; such a run may stay as it is forever."""
_MOST = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The parameters of a start; without a message, the configured one is used.

    Two starts with the same `request` are the same start.
    """

    message: str = ""
    by: str = ""
    request: str = ""
    is_test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """The parts that carry out decisions."""

    telling: Telling
    hang_ups: HangUps
    others: OtherSteps
    announcements: Announcements


class Course:
    """Called on the engine's thread. `clock` is in seconds, and never jumps."""

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
        self._is_wanted = partial(_is_wanted, runs)

    def take_up(self) -> None:
        """Continue the runs of the previous process."""
        for run in self._runs.past():
            for attempt in run.attempts.values():
                self._telling.recall_pace(run, attempt)
        for run in self._runs.newest().values():
            try:
                self._take_up(run)
            except Exception:  # continue with the other alarms
                _log.exception("alarm.not_taken_up", thing=run.alarm)

    def introduce(self) -> None:
        """Handle a changed configuration: publish alarms that have never run."""
        for uid in self._people.all_alarms().keys() - self._runs.newest().keys():
            self._announcements.introduce(str(uid))

    def start(self, alarm: str, given: Start) -> Run:
        """Start an alarm unless it is alerting already; returns its run. An alarm replaces a running test. Raises `Refusal` if it is not configured."""
        same = started_by(self._runs.past(), alarm, given.request)
        before = self._runs.newest().get(alarm)
        if same is not None:
            return same
        if before is not None and _goes_on(before, given):
            return before
        configured = self._people.configured(alarm)
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
        """Acknowledge a run, in the call of an attempt or otherwise; only the first acknowledgement counts."""
        run = self._runs.get(run.id) or run
        if not _does("tell_taken", run, "acknowledge"):
            return run
        after = self._runs.note(run, "acknowledged", by=by, attempt=call)
        _log.warning("alarm.acknowledged", thing=run.alarm, by=by, test=run.is_test)
        self._aftermath.taken(after)
        return after

    def end(self, alarm: str, by: str) -> Run | None:
        """End an alarm; None if it never ran."""
        run = self._runs.newest().get(alarm)
        if run is None or not _does("recall", run, "end"):
            return run
        after = self._runs.note(run, "ended", by=by)
        _log.warning("alarm.ended", thing=alarm, by=by, test=run.is_test)
        self._aftermath.ended(after)
        return after

    def told(self, run_id: str, attempt_id: str, status: str, sid: str, reason: str) -> Future[object]:
        """Handle a new status of an attempt; returns a future that is done when it is on disk. What follows from it comes later."""
        run = self._runs.get(run_id)
        before = run.attempts.get(attempt_id) if run else None
        if run is None or before is None:
            return nothing_to_write()
        given = {"attempt": attempt_id, "status": status, "sid": sid, "reason": reason}
        run, on_disk = self._runs.note_soon(run, "outcome", **given)
        after = run.attempts[attempt_id]
        if after.sid and not before.sid and after.tell.way == "call" and not run.is_open:
            self._aftermath.came_late(run, after)
        if after.status != before.status and (after.reached_nobody or after.status == "paced"):
            self._announcements.announce(run, after)
        return on_disk

    def machine(self, run_id: str, attempt_id: str, sid: str) -> Future[object]:
        """Note that Twilio detected an answering machine; somebody who has pressed a key is not a machine. Returns as `told`."""
        before = self._runs.get(run_id)
        known = before.attempts.get(attempt_id) if before else None
        if known is not None and known.status == ANSWERED:
            return nothing_to_write()
        on_disk = self.told(run_id, attempt_id, "machine", sid, "")
        run = self._runs.get(run_id)
        attempt = run.attempts.get(attempt_id) if run else None
        if run is not None and attempt is not None and run.is_open:
            self._aftermath.machine(run, attempt)
        return on_disk

    def work(self) -> float:
        """Do what is due; returns the seconds until the next due time."""
        while due := [run for run in self._runs.newest().values() if _is_due(run, self._clock())]:
            self._go_on(due)
        dues = (run.due() for run in self._runs.newest().values() if run.state == "alerting")
        return max(0.0, min((due - self._clock() for due in dues if due is not None), default=_MOST))

    def _take_up(self, run: Run) -> None:
        if run.is_open:
            if run.state == "alerting":
                _log.warning("alarm.goes_on", thing=run.alarm, step=run.step)
            for attempt in run.pending:
                self._telling.resume(run, attempt, self._runs.open())
            steps = range(max(1, run.step - len(run.plan.stages) + 1), run.step + 1)
            self._others.carry_out(run, steps, _said(run, self._people, self._announcements), self._is_wanted)
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

    def _go_on(self, due: Sequence[Run]) -> None:
        """Begin the next steps of runs, with one wait for the disk."""
        for run in due:
            for attempt in run.attempts_of(run.step):
                if attempt.is_unconfirmed:
                    self._announcements.announce(run, attempt)
        kinds: dict[str, RecordKind] = {run.id: "step" if run.step < run.steps else "exhausted" for run in due}
        for run in self._runs.note_all(kinds):
            if kinds[run.id] == "step":
                self._carry_out(run)
            else:
                _log.error(
                    "alarm.exhausted",
                    thing=run.alarm,
                    test=run.is_test,
                    reason="all steps are done, and nobody has acknowledged the alarm",
                )
                self._announcements.announce(run)

    def _carry_out(self, run: Run) -> None:
        """Do the actions of the step that began last."""
        for attempt in run.attempts_of(run.step):
            for older in run.superseded_by(attempt):
                self._telling.withdraw(run, older)
            self._telling.tell(run, attempt, self._runs.open())
        self._others.carry_out(run, (run.step,), _said(run, self._people, self._announcements), self._is_wanted)
        self._announcements.announce(self._runs.get(run.id) or run)


def _said(run: Run, people: AlarmPeople, announcements: Announcements) -> SaidOfRun:
    alarm = people.alarm(run.alarm)
    notification = wording.notification(run, alarm, people.language(alarm))
    return SaidOfRun(payload=announcements.payload(run), notification=notification)


def _carried(runs: Runs, run_id: str, name: str) -> None:
    """Handle that an action other than notifying people is done."""
    run = runs.get(run_id)
    if run is not None:
        runs.note_soon(run, "carried", action=name)


def _is_wanted(runs: Runs, run_id: str, name: str) -> bool:
    """Whether an action of a run is still wanted: also after the last step, until somebody acknowledges."""
    run = runs.get(run_id)
    return run is not None and run.wants(name)


def _is_due(run: Run, now: float) -> bool:
    due = run.due() if run.state == "alerting" else None
    return due is not None and due <= now


def _goes_on(before: Run, given: Start) -> bool:
    """Whether a run continues despite a start: an alarm replaces a test, but a test does not replace an open alarm."""
    if before.state != "idle" and before.is_test != given.is_test:
        return given.is_test
    return not _does("open", before, "start")


def _does(effect: str, run: Run, given: Input) -> bool:
    """Whether an input changes a run in its current state."""
    return effect in decide(run.state, given).effects
