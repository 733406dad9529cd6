"""Starts the service, kills it at a point of its code or at any moment, and restarts it."""

from __future__ import annotations

import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator

from lab.faults import service as killable
from lab.faults.environment import Environment
from lab.faults.plan import Plan, ServiceRun
from lab.faults.points import POINTS
from twilio_binding.sandbox.waiting import SandboxError

_KILLED = -9
_SOON = 5.0
"""Seconds after a full disk in which a start may fail because of it."""


class Killer(threading.Thread):
    """Kills and restarts the service until stopped, or until the planned kills are done; after that it stays up."""

    def __init__(self, environment: Environment, service_runs: Iterator[ServiceRun], plan: Plan) -> None:
        super().__init__(name="killer", daemon=True)
        self._environment = environment
        self._runs = service_runs
        self._wanted = plan.kills
        self._every = plan.seconds / max(1, plan.kills)
        self._stopping = threading.Event()
        self.points: Counter[str] = Counter()
        self.kills = 0
        self.ends: Counter[str] = Counter()
        self.starts: list[float] = []
        self.failed: list[str] = []

    def run(self) -> None:
        """Start and kill the service as planned."""
        began = time.monotonic()
        while not self._stopping.is_set() and self.kills < self._wanted:
            service_run = next(self._runs)
            # After an early kill, the service is not killed for a while, so that kills are evenly distributed.
            pause = max(0.0, began + self.kills * self._every - time.monotonic())
            pause = 0.0 if POINTS[service_run.point].is_at_start else pause
            self._environment.service.environment |= {
                killable.POINT: service_run.point,
                killable.PASSAGE: str(service_run.passage),
                killable.PAUSE: str(pause),
            }
            if self._start():
                self._until(time.monotonic() + pause + service_run.seconds)
            self._end(service_run)
        self._environment.service.environment |= {killable.POINT: ""}
        while not self._start():
            self._end(None)

    def stop(self) -> None:
        """Make the current process the last one."""
        self._stopping.set()
        self.join()

    def _start(self) -> bool:
        try:
            self._environment.service.start()
        except SandboxError as error:
            self._look_at_failure(error)
            return False
        self.starts.append(self._environment.service.start_seconds)
        return True

    def _look_at_failure(self, error: SandboxError) -> None:
        """A service that cannot open its database ends, and is restarted, as systemd does."""
        process = self._environment.service.process
        code = None if process is None else process.wait()
        # A limit that was set before there was a journal leaves no room for the log either.
        told = str(error).rstrip()
        is_for_the_disk = (
            "cannot open" in told or told.endswith("did not start:")
        ) and time.monotonic() - self._environment.disk_full_at < _SOON
        if code == 1 and is_for_the_disk:
            self._environment.service.process = None
            self.ends["did not start while the disk was full"] += 1
        elif code != _KILLED:
            self.failed.append(f"the service did not start: {error}"[-1500:])

    def _until(self, end: float) -> None:
        process = self._environment.service.process
        assert process is not None
        while not self._stopping.is_set() and (left := end - time.monotonic()) > 0:
            try:
                process.wait(min(left, 0.2))
            except subprocess.TimeoutExpired:
                continue
            return

    def _end(self, service_run: ServiceRun | None) -> None:
        process = self._environment.service.process
        if process is None:
            return
        ended = process.poll()
        if ended is not None and service_run is not None:
            self._environment.service.process = None
            if ended == _KILLED:
                self.kills += 1
                self.points[service_run.point] += 1
            else:
                self.failed.append(f"the service ended by itself with {ended}")
            return
        if service_run is not None and service_run.end == "term":
            self._gently()
        else:
            self._environment.service.kill()
            self.kills += 1
            self.ends["killed at any moment"] += 1

    def _gently(self) -> None:
        began = time.monotonic()
        try:
            code = self._environment.service.stop()
        except SandboxError as error:
            self.failed.append(str(error))
            return
        if code not in (0, _KILLED) or time.monotonic() - began > 15:
            self.failed.append(f"SIGTERM: {code} after {time.monotonic() - began:.1f} s")
        self.ends["ended by SIGTERM"] += code == 0
        self.kills += code == _KILLED
