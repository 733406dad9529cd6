"""The lives of the service: started, killed at a point of its code or at any moment, and started again."""

from __future__ import annotations

import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator

from lab.faults import service as deadly
from lab.faults.plan import Life, Plan
from lab.faults.points import POINTS
from lab.faults.scene import Scene
from twilio_binding.sandbox.waiting import SandboxError

_KILLED = -9
_SOON = 5.0
"""Seconds after a full disk in which a start may have failed for it."""


class Lives(threading.Thread):
    """Lets the service live and die until told to stop, or so many kills are over; then it lives on."""

    def __init__(self, scene: Scene, lives: Iterator[Life], plan: Plan) -> None:
        super().__init__(name="lives", daemon=True)
        self._scene = scene
        self._lives = lives
        self._wanted = plan.kills
        self._every = plan.seconds / max(1, plan.kills)
        self._stopping = threading.Event()
        self.points: Counter[str] = Counter()
        self.kills = 0
        self.ends: Counter[str] = Counter()
        self.starts: list[float] = []
        self.failed: list[str] = []

    def run(self) -> None:
        """Live and die."""
        began = time.monotonic()
        while not self._stopping.is_set() and self.kills < self._wanted:
            life = next(self._lives)
            # Who dies early lives in peace for a while the next time, so that kills come evenly.
            peace = max(0.0, began + self.kills * self._every - time.monotonic())
            peace = 0.0 if POINTS[life.point].is_at_start else peace
            self._scene.service.environment |= {
                deadly.POINT: life.point,
                deadly.PASSAGE: str(life.passage),
                deadly.PEACE: str(peace),
            }
            if self._start():
                self._until(time.monotonic() + peace + life.seconds)
            self._end(life)
        self._scene.service.environment |= {deadly.POINT: ""}
        while not self._start():
            self._end(None)

    def stop(self) -> None:
        """Let the present life be the last one."""
        self._stopping.set()
        self.join()

    def _start(self) -> bool:
        try:
            self._scene.service.start()
        except SandboxError as error:
            self._look_at_failure(error)
            return False
        self.starts.append(self._scene.service.start_seconds)
        return True

    def _look_at_failure(self, error: SandboxError) -> None:
        """A service that cannot open its database ends, and is started again, as systemd does."""
        process = self._scene.service.process
        code = None if process is None else process.wait()
        # A limit that was set while there was no journal yet leaves no room for the log either.
        told = str(error).rstrip()
        is_for_the_disk = (
            "cannot open" in told or told.endswith("did not start:")
        ) and time.monotonic() - self._scene.disk_full_at < _SOON
        if code == 1 and is_for_the_disk:
            self._scene.service.process = None
            self.ends["did not start while the disk was full"] += 1
        elif code != _KILLED:
            self.failed.append(f"the service did not start: {error}"[-1500:])

    def _until(self, end: float) -> None:
        process = self._scene.service.process
        assert process is not None
        while not self._stopping.is_set() and (left := end - time.monotonic()) > 0:
            try:
                process.wait(min(left, 0.2))
            except subprocess.TimeoutExpired:
                continue
            return

    def _end(self, life: Life | None) -> None:
        process = self._scene.service.process
        if process is None:
            return
        died = process.poll()
        if died is not None and life is not None:
            self._scene.service.process = None
            if died == _KILLED:
                self.kills += 1
                self.points[life.point] += 1
            else:
                self.failed.append(f"the service ended by itself with {died}")
            return
        if life is not None and life.end == "term":
            self._gently()
        else:
            self._scene.service.kill()
            self.kills += 1
            self.ends["killed at any moment"] += 1

    def _gently(self) -> None:
        began = time.monotonic()
        try:
            code = self._scene.service.stop()
        except SandboxError as error:
            self.failed.append(str(error))
            return
        if code not in (0, _KILLED) or time.monotonic() - began > 15:
            self.failed.append(f"SIGTERM: {code} after {time.monotonic() - began:.1f} s")
        self.ends["ended by SIGTERM"] += code == 0
        self.kills += code == _KILLED
