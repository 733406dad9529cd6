"""The stack of the sandbox, with stand-ins that have faults on demand."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lab.standins.client import OpenHABStandIn, TwilioStandIn
from twilio_binding.sandbox import stack as sandbox
from twilio_binding.sandbox.openhab import OpenHABOptions
from twilio_binding.sandbox.twilio import TwilioOptions


class Stack(sandbox.Stack):
    """Broker, openHAB, Twilio and the service as processes."""

    openhab: OpenHABStandIn
    twilio: TwilioStandIn

    def _make_openhab(self, options: OpenHABOptions) -> OpenHABStandIn:
        return OpenHABStandIn(options)

    def _make_twilio(self, options: TwilioOptions) -> TwilioStandIn:
        return TwilioStandIn(options)

    def slow_disk(self, seconds: float = 0.0) -> Path:
        """Restart the service with a disk whose flushes are slow; the returned file contains the seconds."""
        setting = self.folder / "flush"
        setting.write_text(f"{seconds:.3f}", encoding="ascii")
        self.service.restart_as("lab.faults.slow_disk", {"SLOW_DISK": str(setting)})
        return setting


@contextmanager
def stack(*, version: str = "5.3", rule_start: float = 0.0) -> Iterator[Stack]:
    """A running stack, in its own folder. `version` and `rule_start` are those of its openHAB."""
    with tempfile.TemporaryDirectory(prefix="twilio-binding-") as folder, ExitStack() as cleanup:
        yield Stack(Path(folder), cleanup, version=version, rule_start=rule_start)
