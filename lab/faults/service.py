"""The service with a point at which it is killed: `python -m lab.faults.service run`, set by the environment."""

from __future__ import annotations

import mmap
import os
import struct
import time
from pathlib import Path

POINT, PASSAGE, PAUSE = "FAULTS_POINT", "FAULTS_PASSAGE", "FAULTS_PAUSE"
PROMISE, CLOCK = "FAULTS_PROMISE", "FAULTS_CLOCK"


def bend_time(path: Path) -> None:
    """Shift the clock of this process by the seconds in a file, which can change at any time."""
    with path.open("rb") as file:
        shift = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)
    true_time = time.time
    time.time = lambda: true_time() + struct.unpack_from("d", shift)[0]


def main() -> None:
    """Prepare the process, then run the service."""
    clock = os.environ.get(CLOCK)
    if clock:
        bend_time(Path(clock))
    from gevent import monkey  # noqa: PLC0415 - gevent must patch the process first

    monkey.patch_all()
    from lab.faults import points, promises  # noqa: PLC0415 - after the patch

    promise, point = os.environ.get(PROMISE), os.environ.get(POINT)
    if promise:
        promises.break_promise(promise)
    if point:
        points.install(point, int(os.environ[PASSAGE]), float(os.environ[PAUSE]))
    from twilio_binding.cli import cli  # noqa: PLC0415 - after the patch

    cli(prog_name="twilio-binding")


if __name__ == "__main__":
    main()
