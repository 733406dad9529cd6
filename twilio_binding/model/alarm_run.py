"""One run of an alarm, computed from its records: which steps began, their outcome, and what is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from twilio_binding.model.alarm_plan import OtherAction, Plan, Tell, read_plan, target_of
from twilio_binding.model.alarm_state import Input, State, decide

RecordKind = Literal["started", "step", "outcome", "carried", "acknowledged", "exhausted", "ended", "condition"]

_INPUTS: Mapping[RecordKind, Input] = {
    "step": "step",
    "acknowledged": "acknowledge",
    "exhausted": "over",
    "ended": "end",
}
"""The records that the table of states decides about."""
_SETTLING = 5.0
"""Seconds for Twilio to accept a step without a wait before the next step begins."""
_BREATH = 30.0
"""Seconds between two rounds if nobody was reached and no wait is longer."""
REACHED_NOBODY = frozenset({"busy", "no-answer", "failed", "canceled", "undelivered", "machine", "passed", "refused"})
"""Statuses of an attempt that did not reach anybody."""
ANSWERED = "answered"
"""The status of a call in which somebody pressed a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A stored event of a run. `at` is in seconds of a clock that never jumps.

    `number` counts the records of all runs; 0 until it is stored.
    """

    run: str
    alarm: str
    kind: RecordKind
    at: float = 0.0
    body: Mapping[str, object] = field(default_factory=dict)
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One notification of a contact. `status` is "" until something is known, then Twilio's status or one of ours.

    Ours are `machine`, `answered` (a key was pressed), `passed` (passed on), `refused` (with `reason`), `paced` (called
    too often), `withdrawn`.
    """

    id: str
    tell: Tell
    at: float
    status: str = ""
    reason: str = ""
    sid: str = ""

    @property
    def step(self) -> int:
        """The number of its step, counted over all rounds."""
        return int(self.id.split(".")[1])

    @property
    def is_settled(self) -> bool:
        """Whether Twilio has accepted or refused it."""
        return bool(self.sid or self.status)

    @property
    def is_unconfirmed(self) -> bool:
        """Whether it is a text that Twilio has accepted, but not reported as delivered."""
        return self.tell.way != "call" and bool(self.sid) and self.status not in _FINAL

    @property
    def reached_nobody(self) -> bool:
        """Whether it certainly reached nobody."""
        return self.status in REACHED_NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The state of a run. `number` is the number to reply with while several alarms are open; `at` is the time of its start.

    `step` counts the steps that began, over all rounds; `since` is when the last one began. `taken_by` is who
    acknowledged, and `taken_in` the attempt in whose call they did, or "". `carried` are the finished actions other
    than notifying contacts. `request` is the id of the request that started it, or "". `condition_ended` says that
    the condition which started it no longer holds. Times are 0 if something has not happened.
    """

    id: str
    alarm: str
    number: int
    at: float
    plan: Plan
    message: str = ""
    by: str = ""
    request: str = ""
    is_test: bool = False
    condition_ended: bool = False
    state: State = "alerting"
    step: int = 0
    since: float = 0.0
    attempts: Mapping[str, Attempt] = field(default_factory=dict)
    carried: frozenset[str] = frozenset()
    taken_by: str = ""
    taken_at: float = 0.0
    taken_in: str = ""
    ended_at: float = 0.0
    last_record: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the run can be acknowledged."""
        return bool(decide(self.state, "acknowledge").effects)

    @property
    def steps(self) -> int:
        """The number of steps in all rounds."""
        return len(self.plan.stages) * (self.plan.repeats + 1)

    @property
    def told(self) -> tuple[str, ...]:
        """The contacts that were notified, or for whom it was tried, each once."""
        return tuple(dict.fromkeys(attempt.tell.contact for attempt in self.attempts.values()))

    @property
    def pending(self) -> tuple[Attempt, ...]:
        """Attempts that Twilio has neither accepted nor refused."""
        return tuple(attempt for attempt in self.attempts.values() if not attempt.is_settled)

    def superseded_by(self, attempt: Attempt) -> tuple[Attempt, ...]:
        """Attempts of earlier steps that notify the same contact in the same way, and that Twilio has not accepted."""
        return tuple(one for one in self.pending if one.tell == attempt.tell and one.step < attempt.step)

    def is_wanted(self, attempt: Attempt) -> bool:
        """Whether a pending attempt should still be sent: while the run can be acknowledged, and no attempt is newer."""
        newer = (one for one in self.attempts.values() if one.tell == attempt.tell and one.step > attempt.step)
        return self.is_open and attempt.status != "withdrawn" and all(one.status == "paced" for one in newer)

    def due(self) -> float | None:
        """When the next step begins or, if none is left, when nobody can be expected any more.

        None while that depends on the outcome of attempts.
        """
        if self.step == 0:
            return self.at
        stage = self.plan.stage(self.step)
        is_last_of_round = self.step % len(self.plan.stages) == 0
        if self.step >= self.steps and self.pending:
            return None  # mostly, the internet is down, and nobody has been notified yet
        if not stage.wait:
            return self.since if self._is_settled() else self.since + _SETTLING
        if not self._brings_nobody():
            return self.since + stage.wait
        return self.since + (min(stage.wait, _BREATH) if is_last_of_round and self.step < self.steps else 0.0)

    def attempts_of(self, step: int) -> tuple[Attempt, ...]:
        """The attempts of a step, counted from 1."""
        return tuple(attempt for attempt in self.attempts.values() if attempt.step == step)

    def actions_of(self, step: int) -> dict[str, OtherAction]:
        """The unfinished actions of a step other than notifying contacts, by name."""
        named = {
            f"{step}.{place}": action
            for place, action in enumerate(self.plan.stage(step).actions)
            if not isinstance(action, Tell)
        }
        return {name: action for name, action in named.items() if name not in self.carried}

    def wants(self, name: str) -> bool:
        """Whether such an action should still be done: while the run can be acknowledged, and no later step is about the same item, topic or user."""
        step, place = map(int, name.split("."))
        target = target_of(self.plan.stage(step).actions[place])
        later = range(step + 1, min(self.step, step + len(self.plan.stages)) + 1)
        return self.is_open and all(
            target_of(one) != target for number in later for one in self.plan.stage(number).actions
        )

    def _is_settled(self) -> bool:
        """Whether Twilio has answered, and nothing is left to do to an item, topic or user of the next step."""
        following = set(map(target_of, self.plan.stage(self.step + 1).actions)) if self.step < self.steps else set()
        begun = range(max(1, self.step - len(self.plan.stages) + 1), self.step + 1)
        left = (target_of(action) for number in begun for action in self.actions_of(number).values())
        return all(attempt.is_settled for attempt in self.attempts_of(self.step)) and following.isdisjoint(left)

    def _brings_nobody(self) -> bool:
        """Whether all calls since the last wait failed; if there were none, whether all texts did."""
        found: list[Attempt] = []
        for step in range(self.step, 0, -1):
            if step < self.step and self.plan.stage(step).wait:
                break
            found += self.attempts_of(step)
        calls = [attempt for attempt in found if attempt.tell.way == "call"]
        counted = calls or found
        return bool(counted) and all(attempt.reached_nobody for attempt in counted)


def opened(record: Record) -> Run:
    """The run that begins with a record."""
    body = record.body
    return Run(
        id=record.run,
        alarm=record.alarm,
        number=int(str(body.get("number", 0))),
        at=record.at,
        since=record.at,
        plan=read_plan(str(body["steps"])),
        message=str(body.get("message", "")),
        by=str(body.get("by", "")),
        request=str(body.get("request", "")),
        is_test=body.get("test") is True,
        last_record=record.number,
    )


def followed(run: Run, record: Record) -> Run:
    """The run after one more record. A record without news, or a late one, only changes the count."""
    run = replace(run, last_record=max(run.last_record, record.number))
    body = record.body
    given = _INPUTS.get(record.kind)
    decision = decide(run.state, given) if given else None
    if decision is not None and not decision.effects:
        return run
    state = decision.state if decision else run.state
    match record.kind:
        case "step" if run.step < run.steps:
            return _stepped(run, record.at)
        case "outcome":
            return _told(run, body)
        case "condition":
            return replace(run, condition_ended=body.get("holds") is not True)
        case "carried":
            return replace(run, carried=run.carried | {str(body.get("action", ""))})
        case "acknowledged":
            by, call = str(body.get("by", "")), str(body.get("attempt", ""))
            return replace(run, state=state, taken_by=by, taken_in=call, taken_at=record.at)
        case "ended":
            return replace(run, state=state, ended_at=record.at)
        case _:
            return replace(run, state=state)


def replayed(records: Iterable[Record]) -> dict[str, Run]:
    """All runs in records, in order."""
    runs: dict[str, Run] = {}
    for record in records:
        if record.kind == "started":
            runs[record.run] = opened(record)
        elif record.run in runs:
            runs[record.run] = followed(runs[record.run], record)
    return runs


def _stepped(run: Run, at: float) -> Run:
    step = run.step + 1
    tells = [action for action in run.plan.stage(step).actions if isinstance(action, Tell)]
    new = [Attempt(id=f"{run.id}.{step}.{place}", tell=tell, at=at) for place, tell in enumerate(tells)]
    return replace(run, step=step, since=at, attempts={**run.attempts, **{one.id: one for one in new}})


def _told(run: Run, body: Mapping[str, object]) -> Run:
    """The new status of an attempt. A final status stays, because Twilio's callbacks arrive in any order."""
    attempt = run.attempts.get(str(body.get("attempt", "")))
    if attempt is None:
        return run
    sid, status, reason = (str(body.get(name, "")) for name in ("sid", "status", "reason"))
    if not _is_progress(attempt.status, status):
        status, reason = attempt.status, attempt.reason
    changed = replace(attempt, sid=sid or attempt.sid, status=status, reason=reason)
    return replace(run, attempts={**run.attempts, attempt.id: changed})


_ORDER = (
    "",
    "withdrawn",
    "accepted",
    "scheduled",
    "queued",
    "initiated",
    "sending",
    "ringing",
    "sent",
    "in-progress",
    ANSWERED,
)
_FINAL = REACHED_NOBODY | {"completed", "delivered", "read", "paced"}


def _is_progress(before: str, after: str) -> bool:
    if before in REACHED_NOBODY:
        return False
    if before in _FINAL:
        # People pass a text on after it was delivered; of a call, an answering machine may be reported after its end.
        return after in ("read", "passed") or (before == "completed" and after == "machine")
    return after in _FINAL or (after in _ORDER and before in _ORDER and _ORDER.index(after) > _ORDER.index(before))
