"""The faults of a run and their times, all determined by the seed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from lab.faults.points import POINTS

KINDS = {
    "openhab-restart": 3,
    "openhab-down": 2,
    "openhab-401": 1,
    "openhab-404": 1,
    "openhab-500": 2,
    "openhab-hang": 1,
    "openhab-slow": 1,
    "openhab-cut": 2,
    "openhab-stream-cut": 2,
    "openhab-mid-frame": 2,
    "openhab-lost-run": 3,
    "openhab-lost-event": 3,
    "broker-killed": 1,
    "broker-restart": 1,
    "broker-cut": 3,
    "broker-deaf": 3,
    "broker-refuses": 2,
    "twilio-429": 2,
    "twilio-500": 2,
    "twilio-500-sent": 2,
    "twilio-html": 1,
    "twilio-nonsense": 1,
    "twilio-reset": 3,
    "twilio-hang": 1,
    "twilio-down": 2,
    "disk-full": 2,
    "database-locked": 2,
    "database-damaged": 1,
    "clock-jump": 2,
    "things-reloaded": 2,
}
"""Every kind of fault besides kills of the service, with its relative frequency."""
_SLOW = frozenset({"twilio-hang", "openhab-hang"})
_LONG = 60.0
_LATEST_DAMAGE = 0.8
"""The latest time of damage to the database, as a share of the run, because the service must run again after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is done in how many seconds.

    `promise` is one to break on purpose, "" for none; `points` is a pattern for the points at which the service is
    killed.
    """

    seed: int
    webhooks: int
    actions: int
    kills: int
    seconds: float
    promise: str = ""
    points: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRun:
    """One process of the service: it is killed at the `passage`th passage of `point`, or ended by `end` after `seconds`."""

    point: str
    passage: int
    seconds: float
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFault:
    """A fault that begins `at` seconds after the start and lasts for some seconds; `dice` decides the rest."""

    at: float
    kind: str
    seconds: float
    dice: float


def service_runs(plan: Plan) -> Iterator[ServiceRun]:
    """The processes of the service, an endless sequence."""
    random = Random(f"{plan.seed} lives")
    mean = plan.seconds / max(1, plan.kills)
    names = [name for name in sorted(POINTS) if re.search(plan.points, name)]
    while True:
        point = random.choice(names)
        most = POINTS[point].passages
        yield ServiceRun(
            point=point,
            passage=max(1, round(most ** random.random())),
            seconds=mean * random.uniform(0.3, 1.2),
            end=random.choices(("kill", "term"), (8, 1))[0],
        )


def planned_faults(plan: Plan) -> list[PlannedFault]:
    """The faults in order, each kind once before any is repeated.

    A short run has none that takes half a minute to recover from.
    """
    random = Random(f"{plan.seed} strikes")
    kinds = {kind: weight for kind, weight in KINDS.items() if plan.seconds >= _LONG or kind not in _SLOW}
    first = random.sample(sorted(kinds), len(kinds))
    found: list[PlannedFault] = []
    at = 0.0
    every = min(5.0, max(1.0, plan.seconds / 40))
    while (at := at + random.expovariate(1 / every)) < plan.seconds:
        kind = first.pop() if first else random.choices(tuple(kinds), tuple(kinds.values()))[0]
        if kind == "database-damaged" and at > plan.seconds * _LATEST_DAMAGE:
            continue
        found.append(PlannedFault(at=at, kind=kind, seconds=random.uniform(0.2, 2.5), dice=random.random()))
    return found
