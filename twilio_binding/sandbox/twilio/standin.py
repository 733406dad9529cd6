"""A stand-in in a child process; for tests and for programs that are not patched by gevent."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from twilio_binding.sandbox.child import Child
from twilio_binding.sandbox.twilio.client import TwilioSandbox
from twilio_binding.sandbox.twilio.command import written
from twilio_binding.sandbox.twilio.options import Options


class TwilioStandIn(TwilioSandbox):
    """A Twilio to test against. Ends with `stop()`, with the `with` block, or with this process."""

    def __init__(self, options: Options) -> None:
        super().__init__("")
        self.options = options
        self._child = Child("twilio", written(options))

    def start(self) -> Self:
        """Start the process; raises RuntimeError when it does not come up. `url` is known afterwards."""
        addresses = self._child.start()
        self.url, self._control = addresses["url"], addresses["control"]
        return self

    def stop(self) -> None:
        """End the process and wait for it."""
        self.close()
        self._child.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
