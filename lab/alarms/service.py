"""The service with a wrong clock, a slow disk, a broken promise and a point at which it is killed: `python -m lab.alarms.service run`."""

from __future__ import annotations

import os
from pathlib import Path

from lab.faults.service import CLOCK, PASSAGE, POINT, PROMISE, bend_time

DISK = "FAULTS_DISK"


def main() -> None:
    """Prepare the process, then run the service."""
    bend_time(Path(os.environ[CLOCK]))
    from gevent import monkey  # noqa: PLC0415 - gevent must patch the process first

    monkey.patch_all()
    from lab.alarms import points, promises  # noqa: PLC0415 - after the patch
    from lab.faults.points import kill_at  # noqa: PLC0415 - after the patch
    from lab.faults.slow_disk import slow_down  # noqa: PLC0415 - after the patch

    slow_down(Path(os.environ[DISK]))
    if promise := os.environ.get(PROMISE):
        promises.break_promise(promise)
    if name := os.environ.get(POINT):
        kill_at(*points.POINTS[name], int(os.environ[PASSAGE]))
    from twilio_binding.cli import cli  # noqa: PLC0415 - after the patch

    cli(prog_name="twilio-binding")


if __name__ == "__main__":
    main()
