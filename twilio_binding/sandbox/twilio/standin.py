"""A stand-in in a child process; for tests and for programs that are not patched by gevent."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from twilio_binding.sandbox.process import StandInProcess
from twilio_binding.sandbox.twilio.client import TwilioControl
from twilio_binding.sandbox.twilio.command import written
from twilio_binding.sandbox.twilio.options import TwilioOptions


class TwilioStandIn(TwilioControl):
    """A Twilio to test against. Ends with `stop()`, with the `with` block, or with this process."""

    module = "twilio_binding.sandbox"

    def __init__(self, options: TwilioOptions) -> None:
        super().__init__("", options)
        self._process = StandInProcess("twilio", written(options), module=self.module)

    def start(self) -> Self:
        """Start the process; raises RuntimeError when it does not come up. `url` is known afterwards."""
        self._process.start()
        self.url, self.connection.url = self._process.url, self._process.control_url
        return self

    def stop(self) -> None:
        """End the process and wait for it."""
        self.close()
        self._process.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
