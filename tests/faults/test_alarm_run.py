"""The simulation of alarms in its short form, and that it notices broken promises."""

from __future__ import annotations

import itertools

import pytest

from lab.alarms.actors import Uptime
from lab.alarms.checker import TwilioSide, Verdict, check
from lab.alarms.points import POINTS
from lab.alarms.promises import BROKEN
from lab.alarms.run import Demand, run_batch
from lab.alarms.scenario import Batch, Outage, Step, plan
from lab.faults.points import find

_LONGEST = 9.0
"""Seconds that the steps of an outage may take in a short run."""


def short_batch(*, killed: bool = True) -> Batch:
    """The first batch of eight outages that does not take long."""
    for seed in itertools.count(1):
        (batch,) = plan(seed, 8, size=8, points=sorted(POINTS))
        longest = max(sum(step.wait for step in outage.rounds) for outage in batch.outages)
        if longest <= _LONGEST and len(batch.kills) >= 2 * killed:
            return batch
    raise AssertionError


def test_short_run_keeps_every_promise() -> None:
    """Eight outages, with kills and other faults: each step once, in order and on time, none after an acknowledgement."""
    verdict, batch = Verdict(), short_batch()
    kills = run_batch(batch, verdict, Demand(late=3.0))
    assert verdict.is_good, verdict.broken
    assert kills.total() == len(batch.kills)
    assert verdict.counts["outages"] == 8


def test_run_notices_that_somebody_is_told_twice() -> None:
    """A service that repeats each step is detected by what Twilio saw."""
    verdict = Verdict()
    run_batch(short_batch(killed=False), verdict, Demand(promise="told-twice", late=3.0))
    assert verdict.broken["notified twice"]


def test_a_seed_is_a_plan() -> None:
    """The same seed gives the same outages, faults and kills; another one gives others."""
    points = sorted(POINTS)
    assert plan(1, 100, size=20, points=points) == plan(1, 100, size=20, points=points)
    assert plan(1, 100, size=20, points=points) != plan(2, 100, size=20, points=points)
    assert sum(len(batch.outages) for batch in plan(3, 101, size=20, points=points)) == 101


@pytest.mark.parametrize("name", sorted(POINTS))
def test_points_are_in_the_code(name: str) -> None:
    """Every point at which the service can be killed is a function in the current code."""
    assert callable(find(*POINTS[name][:2]))


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_promises_are_in_the_code(name: str) -> None:
    """Every promise that can be broken on purpose is kept by a function in the current code."""
    assert callable(find(*BROKEN[name][:2]))


@pytest.mark.parametrize(
    ("spans", "came", "is_late"),
    [
        ([(0.0, 99.0)], 14.0, False),
        ([(0.0, 99.0)], 14.6, True),
        ([(0.0, 12.0), (15.0, 17.5), (20.0, 99.0)], 24.0, False),
        ([(0.0, 12.0), (15.0, 17.5), (20.0, 99.0)], 28.0, True),
        ([(0.0, 11.0), (12.0, 99.0)], 17.0, False),
        ([(0.0, 5.0), (6.0, 99.0)], 17.0, True),
    ],
)
def test_a_step_may_wait_for_a_look_up_after_a_kill(
    spans: list[tuple[float, float]], came: float, *, is_late: bool
) -> None:
    """After a kill, a send in progress may be looked up for some seconds of uptime; otherwise a step is late."""
    outage = Outage(
        name="a",
        numbers=("+1555",),
        steps=(Step(way="text", people=(0,), wait=3.0),) * 2,
        repeats=0,
        calls=("listens",),
        undelivered=frozenset(),
        start=10.0,
        act="nobody",
        taker=0,
        taken_after=0.0,
    )
    uptime = Uptime()
    uptime.spans = spans
    sends = [
        {"to": "+1555", "at": at, "sid": f"SM{step}", "status_callback": f"https://a?request=alarm.r.{step}.0"}
        for step, at in ((1, 10.0), (2, came))
    ]
    verdict = Verdict()
    check(outage, TwilioSide(sends=sends, webhooks=[], faulty=[], uptime=uptime), 0.0, verdict)
    assert bool(verdict.broken.pop("too late")) is is_late
    assert verdict.is_good
