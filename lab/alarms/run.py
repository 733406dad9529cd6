"""Runs batches of outages, and checks what Twilio saw of each."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.alarms.actors import Faults, Killer, People
from lab.alarms.checker import TwilioSide, Verdict, check
from lab.alarms.environment import AlarmLab, alarm_lab
from lab.alarms.scenario import Batch
from twilio_binding.sandbox.twilio.connection import JSON

_OF_TWILIO = ("429", "500", "reset", "slow", "twilio down")
_QUIET = 4.0
"""Seconds without activity at Twilio when everything should be over."""
_LONGEST = 150.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """The options of a run: seconds that a step may be `late`, a `promise` to break, a folder to `keep` the records in."""

    promise: str = ""
    late: float = 1.0
    keep: Path | None = None


_USUAL = Demand()


def run_batch(batch: Batch, verdict: Verdict, demand: Demand = _USUAL) -> Counter[str]:
    """Run one batch; broken promises go into `verdict`. Returns the number of kills, by point."""
    with alarm_lab(batch, demand.promise) as lab:
        for outage in batch.outages:
            for person, number in enumerate(outage.numbers):
                lab.twilio.contact(number, **outage.conduct(person))  # type: ignore[arg-type]
                if person in outage.undelivered:
                    lab.twilio.failing(number, "undelivered", 30003)
        killer, faults = Killer(lab, batch), Faults(lab, batch)
        watch = _Watch(lab)
        people = [People(lab, outage, watch.sends, killer) for outage in batch.outages]
        for thread in (killer, faults, *people):
            thread.start()
        for thread in (killer, faults, *people):
            thread.join(_LONGEST)
        _wait_until_over(watch, batch)
        side = TwilioSide(
            sends=watch.sends(),
            webhooks=lab.twilio.webhooks.sent(),
            faulty=[(since, until) for kind, since, until in faults.windows if kind in _OF_TWILIO],
            uptime=killer.uptime,
            late=demand.late,
        )
        if demand.keep:
            _keep(demand.keep / batch.outages[0].name, lab, side)
    for outage, acted in zip(batch.outages, people, strict=True):
        check(outage, side, acted.taken, verdict)
        if acted.gave_up or acted.is_alive():
            verdict.broken["gave up"].append(f"{outage.name}: {acted.gave_up or 'they are still at it'}")
    verdict.counts.update(f"fault {kind}" for kind, _, _ in faults.windows)
    return Counter(killer.points)


class _Watch:
    """The sends, read from Twilio at most every 0.2 s."""

    def __init__(self, lab: AlarmLab) -> None:
        self._lab = lab
        self._at = 0.0
        self._found: list[JSON] = []

    def sends(self) -> list[JSON]:
        """The texts and calls that were sent."""
        if time.monotonic() > self._at + 0.2:
            self._at = time.monotonic()
            found = [*self._lab.twilio.messages(), *self._lab.twilio.calls()]
            self._found = [one for one in found if one["direction"] != "inbound" and one["status_callback"]]
        return self._found


def _wait_until_over(watch: _Watch, batch: Batch) -> None:
    """Wait for as long as a step may be due, and until all calls have ended."""
    longest = max(sum(step.wait for step in outage.rounds) for outage in batch.outages)
    wait_until = time.monotonic() + longest + _QUIET
    while time.monotonic() < wait_until:
        time.sleep(0.5)
    end = time.monotonic() + 20
    while time.monotonic() < end and any("ended_at" in one and not one["ended_at"] for one in watch.sends()):
        time.sleep(0.3)


def _keep(folder: Path, lab: AlarmLab, side: TwilioSide) -> None:
    """Write the records, for later examination. Times of Twilio's side are of the monotonic clock."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(lab.service.log, folder)
    seen = {"now": [time.monotonic(), time.time()], "up": side.uptime.spans, "faulty": side.faulty}
    seen |= {"sends": side.sends, "webhooks": side.webhooks}
    (folder / "twilio.json").write_text(json.dumps(seen, indent=1, default=str), encoding="utf-8")


def run(batches: list[Batch], demand: Demand = _USUAL, *, tell: Callable[[str], None] = print) -> Verdict:
    """Run all batches."""
    verdict, points = Verdict(), Counter[str]()
    for batch in batches:
        known = {name: len(lines) for name, lines in verdict.broken.items()}
        points += run_batch(batch, verdict, demand)
        broken = sum(map(len, verdict.broken.values()))
        for name, lines in verdict.broken.items():
            for line in lines[known[name] :]:
                tell(f"{name}: {line}")
        tell(
            f"{verdict.counts['outages']} outages, {points.total()} kills, {verdict.counts['sends']} sends, {broken} broken"
        )
    verdict.counts.update({f"killed {point}": number for point, number in points.items()})
    return verdict
