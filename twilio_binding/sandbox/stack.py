"""Broker, service, and stand-ins for openHAB and Twilio as connected processes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from twilio_binding.sandbox.broker import BrokerProcess
from twilio_binding.sandbox.openhab import OpenHABOptions, OpenHABStandIn
from twilio_binding.sandbox.service_process import SEEDS, ServiceProcess
from twilio_binding.sandbox.twilio import TwilioOptions, TwilioStandIn
from twilio_binding.sandbox.waiting import SandboxError

_TOKEN = "oh.demo.0123456789"


class Stack:
    """The running processes, with copies of the `.things` and `.items` files of the project."""

    def __init__(self, folder: Path, cleanup: ExitStack, *, version: str = "5.3", rule_start: float = 0.0) -> None:
        self.folder = folder
        self.things = folder / "things" / "twilio.things"
        shutil.copytree(SEEDS / "things", folder / "things")
        shutil.copytree(SEEDS / "items", folder / "items")
        self.broker = cleanup.enter_context(BrokerProcess())
        options = OpenHABOptions(items=folder / "items", token=_TOKEN, version=version, rule_start=rule_start)
        self.openhab = cleanup.enter_context(self._make_openhab(options))
        self.twilio = cleanup.enter_context(self._make_twilio(TwilioOptions()))
        self._cleanup = cleanup
        self.service = ServiceProcess(
            folder,
            {
                "THINGS": json.dumps([str(folder / "things" / "*.things")]),
                "OPENHAB__URL": self.openhab.url,
                "OPENHAB__TOKEN": _TOKEN,
                "MQTT__URL": self.broker.url,
                "TWILIO__API_URL": self.twilio.url,
            },
        )
        self.twilio.configure(deliver_to=self.service.url)
        cleanup.enter_context(self.service)
        self.service.wait_ready()

    def _make_openhab(self, options: OpenHABOptions) -> OpenHABStandIn:
        return OpenHABStandIn(options)

    def _make_twilio(self, options: TwilioOptions) -> TwilioStandIn:
        return TwilioStandIn(options)

    def start_rule(self) -> None:
        """Start the rule of the demo, and wait until it listens."""
        command = [sys.executable, "-m", "twilio_binding.sandbox.demo_rule", self.openhab.url, self.broker.url]
        rule = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._cleanup.callback(rule.wait)
        self._cleanup.callback(rule.terminate)
        assert rule.stdout is not None
        heard = rule.stdout.readline().strip()
        rule.stdout.close()
        if heard != "listening":
            raise SandboxError("the rule did not start")


@contextmanager
def stack(*, version: str = "5.3", rule_start: float = 0.0) -> Iterator[Stack]:
    """Start a stack in a temporary folder. `version` and `rule_start` are options of the stand-in for openHAB."""
    with tempfile.TemporaryDirectory(prefix="twilio-binding-") as folder, ExitStack() as cleanup:
        yield Stack(Path(folder), cleanup, version=version, rule_start=rule_start)
