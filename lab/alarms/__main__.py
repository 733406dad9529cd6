"""Outages with random faults: `python -m lab.alarms --outages 1000 --seed 7`; the exit code is 1 if a promise was broken."""

from __future__ import annotations

import argparse
import secrets
import sys
from pathlib import Path

from lab.alarms.points import POINTS
from lab.alarms.promises import BROKEN
from lab.alarms.run import Demand, run
from lab.alarms.scenario import plan
from twilio_binding import logs

_EXAMPLES = 8


def main() -> None:
    """Carry out a run, and print the report."""
    parser = argparse.ArgumentParser(prog="python -m lab.alarms", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--outages", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=40, help="outages at the same time")
    parser.add_argument("--only", type=int, default=-1, help="one batch of them, by its number from 0")
    parser.add_argument("--late", type=float, default=1.0, help="seconds that a step may be late")
    parser.add_argument(
        "--keep", type=Path, help="a folder for the log of the service and what Twilio saw, of each batch"
    )
    parser.add_argument("--break", dest="promise", choices=sorted(BROKEN), default="", help="must make the run fail")
    given = parser.parse_args()
    logs.configure("warning")
    print(f"seed {given.seed}", flush=True)
    batches = plan(given.seed, given.outages, size=given.batch, points=sorted(POINTS))
    batches = batches if given.only < 0 else [batches[given.only]]
    demand = Demand(promise=given.promise, late=given.late, keep=given.keep)
    verdict = run(batches, demand, tell=lambda line: print(line, flush=True))
    for name, count in sorted(verdict.counts.items()):
        print(f"  {name}: {count}")
    for name, lines in verdict.broken.items():
        print(f"{name}: {len(lines)}", *lines[:_EXAMPLES], sep="\n  ")
    sys.exit(0 if verdict.is_good else 1)


if __name__ == "__main__":
    main()
