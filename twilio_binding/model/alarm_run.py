"""One run of an alarm, from its start to its end, as its records tell: what was begun, what became of it, what is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from twilio_binding.model.alarm_plan import Action, Plan, Tell, read_plan
from twilio_binding.model.alarm_state import Input, State, decide

RecordKind = Literal["started", "step", "outcome", "carried", "acknowledged", "exhausted", "ended"]

_INPUTS: Mapping[RecordKind, Input] = {
    "step": "step",
    "acknowledged": "acknowledge",
    "exhausted": "over",
    "ended": "end",
}
"""The records of what the table of states decides about."""
_SETTLING = 5.0
"""Seconds for which a step without a wait is given to be taken by Twilio before the next one begins."""
_BREATH = 30.0
"""Seconds between two rounds, where nobody could be reached and no wait is longer."""
REACHED_NOBODY = frozenset({"busy", "no-answer", "failed", "canceled", "undelivered", "machine", "passed", "refused"})
"""Statuses of an attempt that did not reach anybody."""
ANSWERED = "answered"
"""The status of a call in which somebody has pressed a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Something that happened in a run, as it is kept. `at` is in seconds of a clock that never jumps.

    `number` counts the records of all runs; 0 for one that is not kept yet.
    """

    run: str
    alarm: str
    kind: RecordKind
    at: float = 0.0
    body: Mapping[str, object] = field(default_factory=dict)
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Somebody is told, once. `status` is "" until something is known, then Twilio's word or one of ours.

    Ours are `machine`, `answered` (a key was pressed), `passed` (they passed it on), `refused` (with `reason`),
    `paced` (called too often), `withdrawn`.
    """

    id: str
    tell: Tell
    at: float
    status: str = ""
    reason: str = ""
    sid: str = ""

    @property
    def step(self) -> int:
        """The step that it belongs to, counted in all rounds."""
        return int(self.id.split(".")[1])

    @property
    def is_settled(self) -> bool:
        """Whether Twilio has taken or refused it."""
        return bool(self.sid or self.status)

    @property
    def is_unconfirmed(self) -> bool:
        """Whether it is a text that Twilio has taken, and has not called delivered yet."""
        return self.tell.way != "call" and bool(self.sid) and self.status not in _FINAL

    @property
    def reached_nobody(self) -> bool:
        """Whether it is certain that this does not bring anybody."""
        return self.status in REACHED_NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How a run stands. `number` is what people answer with while several alarms are open; `at` is when it started.

    `step` counts the steps that were begun, in all rounds; `since` is when the last one was. `taken_by` is who took it,
    `carried` are the actions other than tells that are over, and `taken_in` is the attempt in whose call they did, "" otherwise.
    `request` is the id of what started it, "" where that had none. Moments are 0 for what has not happened.
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
        """Whether somebody may take it."""
        return bool(decide(self.state, "acknowledge").effects)

    @property
    def steps(self) -> int:
        """How many steps there are in all rounds."""
        return len(self.plan.stages) * (self.plan.repeats + 1)

    @property
    def told(self) -> tuple[str, ...]:
        """The contacts that were told or tried, each once."""
        return tuple(dict.fromkeys(attempt.tell.contact for attempt in self.attempts.values()))

    @property
    def pending(self) -> tuple[Attempt, ...]:
        """What Twilio has neither taken nor refused yet."""
        return tuple(attempt for attempt in self.attempts.values() if not attempt.is_settled)

    def superseded_by(self, attempt: Attempt) -> tuple[Attempt, ...]:
        """Attempts of earlier steps to tell the same contact in the same way that Twilio has not taken yet."""
        return tuple(one for one in self.pending if one.tell == attempt.tell and one.step < attempt.step)

    def is_wanted(self, attempt: Attempt) -> bool:
        """Whether an attempt that Twilio has not taken yet is to go out: while somebody may take the run, and none is newer."""
        newer = (one for one in self.attempts.values() if one.tell == attempt.tell and one.step > attempt.step)
        return self.is_open and attempt.status != "withdrawn" and all(one.status == "paced" for one in newer)

    def due(self) -> float | None:
        """When the next step is to begin, or where none is left when nobody is to be expected any more.

        None while that depends on what becomes of the attempts.
        """
        if self.step == 0:
            return self.at
        stage = self.plan.stages[(self.step - 1) % len(self.plan.stages)]
        is_last_of_round = self.step % len(self.plan.stages) == 0
        if self.step >= self.steps and self.pending:
            return None  # the internet is down, mostly: nobody is told yet
        if not stage.wait:
            return self.since if self._is_settled(self.step) else self.since + _SETTLING
        if not self._brings_nobody():
            return self.since + stage.wait
        return self.since + (min(stage.wait, _BREATH) if is_last_of_round and self.step < self.steps else 0.0)

    def attempts_of(self, step: int) -> tuple[Attempt, ...]:
        """Those of a step, which counts from 1."""
        prefix = f"{self.id}.{step}."
        return tuple(attempt for attempt in self.attempts.values() if attempt.id.startswith(prefix))

    def actions_of(self, step: int) -> dict[str, Action]:
        """What a step does beside telling people, by a name of each, as far as that is not over yet."""
        stage = self.plan.stages[(step - 1) % len(self.plan.stages)]
        named = {
            f"{step}.{place}": action for place, action in enumerate(stage.actions) if not isinstance(action, Tell)
        }
        return {name: action for name, action in named.items() if name not in self.carried}

    def _is_settled(self, step: int) -> bool:
        return all(attempt.is_settled for attempt in self.attempts_of(step))

    def _brings_nobody(self) -> bool:
        """Whether all calls since the last wait came to nothing; where there were none, whether all texts did."""
        found: list[Attempt] = []
        for step in range(self.step, 0, -1):
            if step < self.step and self.plan.stages[(step - 1) % len(self.plan.stages)].wait:
                break
            found += self.attempts_of(step)
        calls = [attempt for attempt in found if attempt.tell.way == "call"]
        counted = calls or found
        return bool(counted) and all(attempt.reached_nobody for attempt in counted)


def opened(record: Record) -> Run:
    """The run that a record of its start begins."""
    body = record.body
    return Run(
        id=record.run,
        alarm=record.alarm,
        number=_whole(body.get("number")),
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
    """The run after one more record. A record that says nothing new, or comes too late, changes nothing but the count."""
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
    """All runs that records, in order, tell of."""
    runs: dict[str, Run] = {}
    for record in records:
        if record.kind == "started":
            runs[record.run] = opened(record)
        elif record.run in runs:
            runs[record.run] = followed(runs[record.run], record)
    return runs


def _stepped(run: Run, at: float) -> Run:
    step = run.step + 1
    stage = run.plan.stages[(step - 1) % len(run.plan.stages)]
    tells = [action for action in stage.actions if isinstance(action, Tell)]
    new = [Attempt(id=f"{run.id}.{step}.{place}", tell=tell, at=at) for place, tell in enumerate(tells)]
    return replace(run, step=step, since=at, attempts={**run.attempts, **{one.id: one for one in new}})


def _told(run: Run, body: Mapping[str, object]) -> Run:
    """What became of an attempt. What is final stays: Twilio's callbacks come in any order."""
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
    if before == "completed" or before in REACHED_NOBODY:
        # Who passed it on, or a machine, is told before the end of the call is.
        return before == "completed" and after in ("machine", "passed")
    if before in _FINAL:
        return after == "read"
    return after in _FINAL or (after in _ORDER and before in _ORDER and _ORDER.index(after) > _ORDER.index(before))


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
