"""A stand-in in a child process. The caller need not be patched by gevent."""

from __future__ import annotations

from typing import Self

from twilio_binding.sandbox.process import StandInProcess
from twilio_binding.sandbox.startable import Startable
from twilio_binding.sandbox.twilio.client import TwilioControl
from twilio_binding.sandbox.twilio.command import written
from twilio_binding.sandbox.twilio.options import TwilioOptions


class TwilioStandIn(TwilioControl, Startable):
    """A stand-in for tests. It ends with `stop()`, after the `with` block, or with this process."""

    module = "twilio_binding.sandbox"

    def __init__(self, options: TwilioOptions) -> None:
        super().__init__("", options)
        self._process = StandInProcess("twilio", written(options), module=self.module)

    def start(self) -> Self:
        """Start the process. Afterwards, `url` is known. Raises RuntimeError if the process does not start."""
        self._process.start()
        self.url, self.connection.url = self._process.url, self._process.control_url
        return self

    def stop(self) -> None:
        """End the process and wait for it."""
        self.close()
        self._process.stop()
