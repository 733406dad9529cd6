"""The service as a process of its own, for the demo and for tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from twilio_binding.sandbox.ports import free_port
from twilio_binding.sandbox.startable import Startable
from twilio_binding.sandbox.waiting import PATIENCE, SandboxError, until

_PACKAGE = Path(__file__).resolve().parents[1]
SEEDS = _PACKAGE.parent if (_PACKAGE.parent / "things").is_dir() else _PACKAGE / "seeds"
"""Where the example's `things/` and `items/` are: beside the package in a checkout, in it once it is installed."""
_LIMITS = (
    "MESSAGES_PER_HOUR",
    "MESSAGES_PER_DAY",
    "CALLS_PER_HOUR",
    "CALLS_PER_DAY",
    "EMERGENCIES_PER_DAY",
    "LOOP_SENDS",
    "INCOMING_PER_SENDER",
    "INCOMING_PER_NUMBER",
)
_LOOK = 0.1
"""Seconds between two looks at the metrics, each of which costs the service milliseconds."""
_open = build_opener(ProxyHandler({})).open


class ServiceProcess(Startable):
    """The service as a process. Its ports and its folder stay the same after a restart.

    `module` is the Python module to run. `environment` is added to the environment at the next start. Sends and
    incoming messages have no limits, except those in `settings`.
    """

    def __init__(self, folder: Path, settings: dict[str, str], *, module: str = "twilio_binding") -> None:
        webhook, admin = free_port(), free_port()
        self.url = f"http://127.0.0.1:{webhook}"
        self.admin_url = f"http://127.0.0.1:{admin}"
        self.log = folder / "service.log"
        self.environment: dict[str, str] = {}
        self._folder = folder
        self._module = module
        listen = {"WEBHOOK__LISTEN": f"127.0.0.1:{webhook}", "ADMIN__LISTEN": f"127.0.0.1:{admin}"}
        self._settings = {"DATA_DIR": str(folder / "data"), "LOG__LEVEL": "debug"} | listen | settings
        # No limits: sends to a stand-in cost nothing.
        self._settings = {f"LIMITS__{name}": "0" for name in _LIMITS} | self._settings
        self.process: subprocess.Popen[str] | None = None
        self.start_seconds = 0.0

    def start(self) -> None:
        """Start the service, and wait until it serves. Raises `SandboxError` with the end of the log."""
        started = time.monotonic()
        environment = os.environ | {f"TWILIO_BINDING_{name}": value for name, value in self._settings.items()}
        # An empty file, so that the service does not read the settings of this user or machine.
        own = self._folder / "twilio-binding.toml"
        own.touch()
        environment["TWILIO_BINDING_CONFIG"] = str(own.resolve())
        environment |= self.environment
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(SEEDS), os.environ.get("PYTHONPATH", "")]))
        with self.log.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self._module, "run"],
                env=environment,
                cwd=self._folder,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        lines = [self.process.stdout.readline() for _ in range(2)]
        self.process.stdout.close()
        if not all(lines):
            raise SandboxError(f"the service did not start:\n{self.log.read_text(encoding='utf-8')[-2000:]}")
        self.start_seconds = time.monotonic() - started

    def restart_as(self, module: str, environment: dict[str, str]) -> int:
        """Stop the service, and start `module` instead, with `environment` added. Returns the process id."""
        self.stop()
        self._module = module
        self.environment |= environment
        self.start()
        self.wait_ready()
        assert self.process is not None
        return self.process.pid

    def stop(self) -> int:
        """End the service with SIGTERM. Returns the exit code."""
        return self._end(hard=False)

    def kill(self) -> int:
        """End the service with SIGKILL. Returns the exit code."""
        return self._end(hard=True)

    def dependencies(self) -> dict[str, Any]:
        """The entry of each dependency in `/ready`."""
        try:
            with _open(f"{self.admin_url}/ready", timeout=30) as answer:
                return dict(json.load(answer)["neighbours"])
        except HTTPError as error:
            with error:
                return dict(json.load(error)["neighbours"])

    def wait_ready(self, *names: str, seconds: float = PATIENCE) -> None:
        """Wait until these dependencies are up; without names, all of them."""
        until(
            lambda: all(entry["up"] for name, entry in self.dependencies().items() if name in names or not names),
            f"{', '.join(names) or 'all dependencies'} to be ready",
            seconds,
        )

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels. `name` may contain labels."""
        with _open(f"{self.admin_url}/metrics", timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"twilio_binding_{name}"))

    def wait_delivered(self, seconds: float = PATIENCE) -> None:
        """Wait until no event waits for delivery. Raises `SandboxError` if the backlog does not shrink by 10 % in `seconds`."""
        left = self.metric("backlog")
        while left:
            what = f"{left:.0f} events to become less"
            until(lambda less=left * 0.9: self.metric("backlog") <= less, what, seconds, pause=_LOOK)  # type: ignore[misc]
            left = self.metric("backlog")

    def _end(self, *, hard: bool) -> int:
        if self.process is None:
            return 0
        process, self.process = self.process, None
        (process.kill if hard else process.terminate)()
        try:
            return process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise SandboxError("the service did not end within 40 s") from None
