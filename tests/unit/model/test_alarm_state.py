"""A run of an alarm: whatever happens in whatever order, each step comes once, in order, and none after the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twilio_binding.model.alarm_run import Record, RecordKind, Run, followed, opened, replayed
from twilio_binding.model.alarm_state import INPUTS, STATES, TABLE, Input, State, decide

STEPS = "text ada,bob; wait 60s; call ada; wait 90s; call bob; wait 2m; repeat 1"


def record(kind: RecordKind, at: float = 0.0, **body: object) -> Record:
    """A record of the one run."""
    return Record(run="r", alarm="twilio:alarm:a:fire", kind=kind, at=at, body=body)


def run_of(*records: Record, steps: str = STEPS) -> Run:
    """A run that has just been started, and what these records make of it."""
    run = opened(record("started", steps=steps))
    for one in records:
        run = followed(run, one)
    return run


def outcome(attempt: str, status: str, sid: str = "SM1") -> Record:
    """What became of an attempt."""
    return record("outcome", attempt=attempt, status=status, sid=sid)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("given_input", INPUTS)
def test_every_input_is_decided_in_every_state(state: State, given_input: Input) -> None:
    """Nothing leads out of the states, and what is not in the table changes nothing."""
    decision = decide(state, given_input)
    assert decision.state in STATES
    if (state, given_input) not in TABLE:
        assert (decision.state, decision.effects) == (state, ())
    if decision.state != state:
        assert "announce" in decision.effects


@given(st.lists(st.sampled_from(INPUTS), max_size=30))
def test_nobody_is_told_after_an_acknowledgement(inputs: Sequence[Input]) -> None:
    """Only a new start leads from acknowledged to a step; an end leads to idle from everywhere."""
    state: State = "idle"
    for one in inputs:
        decision = decide(state, one)
        if "step" in decision.effects:
            assert state == "alerting" or one == "start"
        if one == "end":
            assert decision.state == "idle"
        if one == "acknowledge" and state in ("alerting", "exhausted"):
            assert decision.state == "acknowledged" and "stop" in decision.effects
        state = decision.state


def test_steps_wait_as_the_plan_says() -> None:
    """The first step is due at once, each other after the wait of the one before; at last nobody is left."""
    run, now = run_of(), 0.0
    moments = []
    while run.step < run.steps:
        due = run.due()
        assert due is not None
        now = due
        moments.append(now)
        run = followed(run, record("step", now))
        for attempt in run.pending:
            run = followed(run, outcome(attempt.id, "queued"))
    assert moments == [0, 60, 150, 270, 330, 420]
    assert run.due() == 540


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled", "machine", "passed", "refused"])
def test_a_call_that_reaches_nobody_is_not_waited_for(status: str) -> None:
    """The next step is due immediately; a delivered text does not change that."""
    run = run_of(record("step", 0), outcome("r.1.0", "delivered"), record("step", 60), outcome("r.2.0", status))
    assert run.due() == 60


def test_a_call_that_was_taken_is_waited_for() -> None:
    """Somebody who heard it may still acknowledge; an answering machine reported after the end of the call may not."""
    run = run_of(record("step", 0), record("step", 60), outcome("r.2.0", "in-progress"), outcome("r.2.0", "completed"))
    assert run.due() == 150
    assert followed(run, outcome("r.2.0", "machine")).due() == 60


def test_texts_that_arrive_nowhere_are_not_waited_for() -> None:
    """Only once none of them has arrived."""
    run = run_of(record("step", 0), outcome("r.1.0", "undelivered"))
    assert run.due() == 60
    assert followed(run, outcome("r.1.1", "refused", sid="")).due() == 0


@pytest.mark.parametrize("status", ["sent", "delivered", "read"])
def test_a_text_that_is_passed_on_is_not_waited_for(status: str) -> None:
    """Mostly, a text has been delivered before somebody replies to it; its later statuses change nothing."""
    run = run_of(record("step"), outcome("r.1.0", status), outcome("r.1.1", status), steps="text ada,bob; wait 60s")
    run = followed(run, outcome("r.1.0", "passed"))
    assert run.due() == 60
    run = followed(followed(run, outcome("r.1.1", "passed")), outcome("r.1.1", "read"))
    assert run.due() == 0


def test_a_step_waits_for_an_earlier_one_about_the_same_item() -> None:
    """If openHAB is slow, the siren is turned off after it was turned on; other items and topics do not wait."""
    run = run_of(record("step"), steps="item Siren ON; mqtt house/alarm; item Siren OFF; wait 60s")
    assert run.due() == 0
    run = followed(run, record("step"))
    assert run.due() == 5
    assert followed(run, record("carried", action="1.0")).due() == 0


def test_callbacks_come_in_any_order() -> None:
    """A final status stays, and earlier statuses change nothing."""
    run = run_of(record("step"), outcome("r.1.0", "delivered"), outcome("r.1.0", "sent"), outcome("r.1.0", "queued"))
    assert run.attempts["r.1.0"].status == "delivered"
    run = run_of(record("step"), record("step"), outcome("r.2.0", "busy"), outcome("r.2.0", "ringing"))
    assert run.attempts["r.2.0"].status == "busy"


def test_a_round_that_reaches_nobody_begins_again_after_a_breath() -> None:
    """A busy phone is not called again in the same second."""
    run = run_of(record("step"), outcome("r.1.0", "busy"), steps="call ada; wait 2m; repeat 1")
    assert run.due() == 30
    assert followed(followed(run, record("step", 30)), outcome("r.2.0", "busy")).due() == 30


def test_a_step_without_a_wait_follows_once_the_one_before_is_at_twilio() -> None:
    """So they stay in order; after five seconds it follows although Twilio does not answer."""
    run = run_of(record("step", 10), steps="text ada; call ada")
    assert run.due() == 15
    assert followed(run, outcome("r.1.0", "queued")).due() == 10


def test_while_twilio_is_down_nobody_is_given_up() -> None:
    """After the last step it depends on what Twilio has not taken yet; an older attempt of the same is superseded."""
    run = run_of(record("step"), record("step"), steps="call ada; wait 1m; repeat 1")
    assert run.due() is None
    assert [one.id for one in run.superseded_by(run.attempts["r.2.0"])] == ["r.1.0"]


_KINDS: Sequence[RecordKind] = ("step", "outcome", "acknowledged", "exhausted", "ended")
_STATUSES = ("queued", "ringing", "in-progress", "completed", "busy", "machine", "delivered", "refused")


@st.composite
def histories(draw: st.DrawFn) -> list[Record]:
    """Any records of a run, in any order."""
    found = [record("started", steps=STEPS, number=1)]
    for at in range(draw(st.integers(0, 25))):
        kind = draw(st.sampled_from(_KINDS))
        step, place = draw(st.integers(1, 6)), draw(st.integers(0, 1))
        found.append(record(kind, at, attempt=f"r.{step}.{place}", status=draw(st.sampled_from(_STATUSES)), by="ada"))
    return found


@given(histories())
def test_no_order_of_records_breaks_a_promise(records: Iterable[Record]) -> None:
    """Steps only while it alerts and no more than there are; the first acknowledgement counts; an ended run stays ended."""
    first, *more = records
    run = opened(first)
    for one in more:
        before, run = run, followed(run, one)
        assert run.step - before.step in (0, 1)
        assert run.step <= run.steps
        if before.state != "alerting":
            assert run.step == before.step and run.attempts.keys() == before.attempts.keys()
        if before.taken_by:
            assert run.taken_by == before.taken_by
        if before.state == "idle":
            assert run.state == "idle"


@given(histories())
def test_a_run_is_what_its_records_say(records: list[Record]) -> None:
    """Read again after a restart, it is the same."""
    run = run_of(*records[1:])
    assert replayed(records)["r"] == replace(run, number=1)
