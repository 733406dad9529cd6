"""One fault run; `python -m lab.faults --help` lists the options."""

from __future__ import annotations

import argparse
import secrets
import sys

from lab.faults.plan import Plan
from lab.faults.promises import BROKEN
from lab.faults.report import lines
from lab.faults.run import run
from twilio_binding import logs


def main() -> None:
    """Carry out one run; the exit code is 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m lab.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--webhooks", type=int, default=100_000)
    parser.add_argument("--actions", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=2400.0)
    parser.add_argument("--break", dest="promise", choices=sorted(BROKEN), default="", help="must make the run fail")
    parser.add_argument("--points", default="", help="kill only at points of the code that match this pattern")
    plan = Plan(**vars(parser.parse_args()))
    logs.configure("warning")
    print(f"seed {plan.seed}", flush=True)
    outcome = run(plan)
    print("\n".join(lines(outcome)), flush=True)
    sys.exit(0 if outcome.is_good else 1)


if __name__ == "__main__":
    main()
