"""`python -m lab.bench [--quick] [LINE...]`: one table, every figure with what it is compared to."""

from __future__ import annotations

import os
import platform
import sys

from lab.bench.alarms import alarms
from lab.bench.events import events
from lab.bench.item_use import item_use
from lab.bench.lines import LINES
from lab.bench.slow import slow
from lab.bench.stops import stops
from lab.standins.stack import stack

_LINES = LINES | {"events": events, "slow": slow, "stops": stops, "alarms": alarms, "commands": item_use}
MARKS = {True: "reached", False: "MISSED", None: ""}


def main() -> None:
    """Measure the named lines, or all; each on its own stack."""
    names = [name for name in sys.argv[1:] if not name.startswith("-")] or list(_LINES)
    unknown = [name for name in sys.argv[1:] if name not in (*_LINES, "--quick")]
    if unknown:
        print(__doc__, *(f"  {name:<10} {line.__doc__}" for name, line in _LINES.items()), sep="\n")
        sys.exit(0 if unknown == ["--help"] else f"\nthere is no {' '.join(unknown)}")
    quick = "--quick" in sys.argv
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, journal on, clients on the same machine\n")
    for name in names:
        with stack() as up:
            for figure in _LINES[name](up, quick):
                print(f"{figure.what:<46} {figure.figure:<58} {figure.target:<18} {MARKS[figure.good]}", flush=True)


if __name__ == "__main__":
    main()
