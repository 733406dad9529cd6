"""Planned outages: an alarm, its contacts, what they do, and the faults meanwhile; by a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Act = Literal["key", "text", "request", "nobody"]
"""How an alarm is acknowledged: by a key in somebody's first call, by reply, by a request, or not at all."""
_CALLS: tuple[tuple[str, dict[str, object]], ...] = (
    ("busy", {"status": "busy"}),
    ("no-answer", {"status": "no-answer"}),
    ("failed", {"status": "failed"}),
    ("listens", {"script": []}),
    ("hangs up", {"script": ["hangup"]}),
    ("passes", {"script": ["2"]}),
    ("wrong keys", {"script": ["9", "3", "hangup"]}),
    ("mailbox", {"answered_by": "machine_end_beep"}),
    ("fax", {"answered_by": "fax"}),
)
_TAKES: dict[str, object] = {"script": ["3", "1"]}
FAULTS = ("429", "500", "reset", "slow", "twilio down", "openhab down", "broker cut", "clock", "disk", "callbacks")
"""Faults of Twilio's API: refusals, errors with and without an effect, lost and slow answers, refused connections, callbacks twice and in reverse order. Also: openHAB down, the broker cut off, a clock that jumps, a slow disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: who is notified how, and the seconds until the next."""

    way: Literal["text", "call"]
    people: tuple[int, ...]
    wait: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One alarm. Contacts are numbered from 0; `calls` says how each behaves when called, `undelivered` whose texts fail.

    Times are seconds from the start of the batch; `taken_after` are seconds after the contact was first notified.
    """

    name: str
    numbers: tuple[str, ...]
    steps: tuple[Step, ...]
    repeats: int
    calls: tuple[str, ...]
    undelivered: frozenset[int]
    start: float
    act: Act
    taker: int
    taken_after: float

    @property
    def written(self) -> str:
        """The steps as the parameter of the thing."""
        parts: list[str] = []
        for step in self.steps:
            parts += [f"{step.way} {','.join(self.contact(one) for one in step.people)}", f"wait {step.wait:g}s"]
        return "; ".join([*parts, *([f"repeat {self.repeats}"] if self.repeats else [])])

    def contact(self, person: int) -> str:
        """The ID of somebody."""
        return f"{self.name}p{person}"

    def conduct(self, person: int) -> dict[str, object]:
        """How a contact behaves when called, in the stand-in's form."""
        if self.act == "key" and person == self.taker:
            return _TAKES
        return dict(_CALLS)[self.calls[person]]

    @property
    def rounds(self) -> Sequence[Step]:
        """All steps, in all rounds."""
        return self.steps * (self.repeats + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFault:
    """A fault that begins at a time and lasts for some seconds."""

    at: float
    kind: str
    seconds: float
    size: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Simultaneous outages, the faults, and the kills of the service: after so many seconds, at a point or immediately."""

    outages: tuple[Outage, ...]
    faults: tuple[PlannedFault, ...] = ()
    kills: tuple[tuple[float, str, int], ...] = ()


def plan(seed: int, outages: int, *, size: int, points: Sequence[str]) -> list[Batch]:
    """The batches of a run."""
    chance = random.Random(seed)
    batches = []
    for number in range(-(-outages // size)):
        count = min(size, outages - number * size)
        made = tuple(_outage(chance, f"b{number}a{one}", number * size + one) for one in range(count))
        kinds = FAULTS if number % 2 else FAULTS[5:]
        faults = [_fault(chance, kinds) for _ in range(chance.randrange(3, 8))]
        kills = [
            (chance.uniform(1.0, 5.0), chance.choice(points), chance.randrange(1, 12))
            for _ in range(chance.randrange(2, 6))
        ]
        batches.append(
            Batch(
                outages=made,
                faults=tuple(sorted(faults, key=lambda fault: fault.at)),
                kills=tuple(kills),
            )
        )
    return batches


def _outage(chance: random.Random, name: str, number: int) -> Outage:
    people = chance.randrange(1, 4)
    steps: list[Step] = []
    for _ in range(chance.randrange(1, 5)):
        who = tuple(sorted(chance.sample(range(people), chance.randrange(1, people + 1))))
        way: Literal["text", "call"] = "call" if chance.random() < 0.6 else "text"
        steps.append(Step(way=way, people=who, wait=float(chance.randrange(2, 5))))
    told = sorted({person for step in steps for person in step.people})
    called = sorted({person for step in steps if step.way == "call" for person in step.people})
    act: Act = chance.choice(("key", "key", "text", "request", "nobody"))
    if act == "key" and not called:
        act = "text"
    return Outage(
        name=name,
        numbers=tuple(f"+1555{number:05d}{person:02d}" for person in range(people)),
        steps=tuple(steps),
        repeats=1 if chance.random() < 0.3 else 0,
        calls=tuple(chance.choice(_CALLS)[0] for _ in range(people)),
        undelivered=frozenset(person for person in range(people) if chance.random() < 0.15),
        start=chance.uniform(0.0, 5.0),
        act=act,
        taker=chance.choice(called if act == "key" else told),
        taken_after=chance.uniform(0.2, 4.0),
    )


def _fault(chance: random.Random, kinds: Sequence[str]) -> PlannedFault:
    kind = chance.choice(kinds)
    return PlannedFault(
        at=chance.uniform(0.0, 15.0),
        kind=kind,
        seconds=chance.uniform(0.5, 3.0),
        size=chance.choice((-3600.0, -7.0, 3.0, 86400.0)) if kind == "clock" else chance.uniform(0.01, 0.08),
    )
