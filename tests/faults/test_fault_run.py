"""The fault run in its short form, and that it notices a broken promise."""

from __future__ import annotations

import itertools

import pytest

from lab.faults.plan import KINDS, Plan, planned_faults, service_runs
from lab.faults.points import POINTS, find
from lab.faults.promises import BROKEN
from lab.faults.report import lines
from lab.faults.run import run

SHORT = Plan(seed=20, webhooks=800, actions=120, kills=8, seconds=22)


def test_short_run_keeps_every_promise() -> None:
    """Eight kills and some twenty other faults within 22 s: nothing lost, doubled, out of order or stuck."""
    outcome = run(SHORT)
    assert outcome.is_good, "\n".join(lines(outcome))
    assert outcome.service_runs.kills >= SHORT.kills
    assert outcome.verdict.counts["webhooks accepted"] >= SHORT.webhooks


def test_run_notices_an_answer_before_the_commit() -> None:
    """A service that answers webhooks before they are on disk loses some of them, and the run reports it."""
    outcome = run(
        Plan(seed=_deadly_seed(), webhooks=450, actions=0, kills=6, seconds=9, promise="answer-before-commit")
    )
    assert outcome.verdict.broken["lost"]


def _deadly_seed() -> int:
    """A seed that often kills before a commit, where such a service has answered already."""
    for seed in itertools.count():
        plan = Plan(seed=seed, webhooks=0, actions=0, kills=6, seconds=9)
        first = [
            service_run
            for service_run in itertools.islice(service_runs(plan), 6)
            if service_run.point == "before a commit"
        ]
        if any(service_run.passage < 40 for service_run in first):
            return seed
    raise AssertionError


def test_a_seed_is_a_schedule() -> None:
    """The same seed gives the same kills and faults; another one gives others."""
    again = Plan(seed=20, webhooks=800, actions=120, kills=8, seconds=22)
    other = Plan(seed=21, webhooks=800, actions=120, kills=8, seconds=22)
    assert planned_faults(SHORT) == planned_faults(again) != planned_faults(other)
    assert [*itertools.islice(service_runs(SHORT), 20)] == [*itertools.islice(service_runs(again), 20)]


def test_long_run_has_every_fault() -> None:
    """The long form has every kind of fault, and kills at every point."""
    plan = Plan(seed=1, webhooks=100_000, actions=20_000, kills=300, seconds=2400)
    assert {fault.kind for fault in planned_faults(plan)} == KINDS.keys()
    assert {service_run.point for service_run in itertools.islice(service_runs(plan), 600)} == POINTS.keys()


@pytest.mark.parametrize("name", sorted(POINTS))
def test_points_are_in_the_code(name: str) -> None:
    """Every point at which the service can be killed is a function in the current code."""
    assert callable(find(POINTS[name].module, POINTS[name].function))


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_promises_are_in_the_code(name: str) -> None:
    """Every promise that can be broken on purpose is kept by a function in the current code."""
    assert callable(find(*BROKEN[name][:2]))
