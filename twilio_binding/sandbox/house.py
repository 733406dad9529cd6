"""A house that is up: broker, openHAB, Twilio and sidecar as real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from twilio_binding.sandbox.broker import Broker
from twilio_binding.sandbox.openhab import OpenHABStandIn
from twilio_binding.sandbox.openhab import Options as OpenHABOptions
from twilio_binding.sandbox.twilio import Options as TwilioOptions
from twilio_binding.sandbox.twilio import TwilioStandIn

_ROOT = Path(__file__).resolve().parents[2]
_TOKEN = "oh.demo.0123456789"
PATIENCE = 15.0
_never = threading.Event()
_open = build_opener(ProxyHandler({})).open


class SceneError(Exception):
    """Something did not happen that should have."""


def until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:  # noqa: ANN401
    """Wait until something is so; `SceneError` when it does not come."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise SceneError(f"waited {seconds:.0f} s in vain for {what}")
        _never.wait(0.01)
    return value


class House:
    """Everything that runs: real processes that end with this object."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self.broker = stack.enter_context(Broker())
        self.openhab = stack.enter_context(OpenHABStandIn(OpenHABOptions(items=_ROOT / "items", token=_TOKEN)))
        self.twilio = stack.enter_context(TwilioStandIn(TwilioOptions()))
        started = time.monotonic()
        self.sidecar, self.webhook_url, self.admin_url = self._start_sidecar()
        self.start_seconds = time.monotonic() - started
        self.twilio.configure(deliver_to=self.webhook_url)
        until(self.is_ready, "the sidecar to find its neighbours")

    @property
    def log(self) -> Path:
        """The sidecar's log."""
        return self.folder / "sidecar.log"

    def is_ready(self) -> bool:
        """Whether the sidecar can use all its neighbours."""
        try:
            with _open(f"{self.admin_url}/ready", timeout=2) as answer:
                return bool(json.load(answer)["ready"])
        except OSError:
            return False

    def start_rule(self) -> None:
        """Start the rule, and wait until it listens."""
        command = [sys.executable, "-m", "twilio_binding.sandbox.house_rule", self.openhab.url, self.broker.url]
        rule = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._stack.callback(_end, rule)
        assert rule.stdout is not None
        streams = self.openhab.counts()["streams"]
        if rule.stdout.readline().strip() != "listening":
            raise SceneError("the rule did not start")
        until(lambda: self.openhab.counts()["streams"] != streams, "the rule to listen to openHAB")
        rule.stdout.close()

    def _start_sidecar(self) -> tuple[subprocess.Popen[str], str, str]:
        settings = {
            "DATA_DIR": str(self.folder / "data"),
            "THINGS": json.dumps([str(_ROOT / "things" / "*.things")]),
            "OPENHAB__URL": self.openhab.url,
            "OPENHAB__TOKEN": _TOKEN,
            "MQTT__URL": self.broker.url,
            "TWILIO__API_URL": self.twilio.url,
            "WEBHOOK__LISTEN": "127.0.0.1:0",
            "ADMIN__LISTEN": "127.0.0.1:0",
            "LOG__LEVEL": "debug",
        }
        environment = os.environ | {f"TWILIO_BINDING_{name}": value for name, value in settings.items()}
        with self.log.open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "twilio_binding", "run"],
                env=environment,
                cwd=self.folder,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._stack.callback(_end, process)
        assert process.stdout is not None
        addresses = dict(process.stdout.readline().split() for _ in range(2))
        process.stdout.close()
        if len(addresses) != 2:
            raise SceneError("the sidecar did not start")
        return (
            process,
            addresses["webhook"].removesuffix("/twilio/callback/"),
            addresses["admin"].removesuffix("/ready"),
        )


@contextmanager
def house() -> Iterator[House]:
    """A house that is up, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="twilio-binding-") as folder, ExitStack() as stack:
        yield House(Path(folder), stack)


def _end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
