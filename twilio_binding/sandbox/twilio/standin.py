"""A stand-in in a child process; for tests and for programs that are not patched by gevent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from twilio_binding.sandbox.twilio.client import TwilioSandbox
from twilio_binding.sandbox.twilio.command import written
from twilio_binding.sandbox.twilio.options import Options

_ROOT = Path(__file__).resolve().parents[3]
_PATIENCE = 20.0


class TwilioStandIn(TwilioSandbox):
    """A Twilio to test against. Ends with `stop()`, with the `with` block, or with this process."""

    def __init__(self, options: Options) -> None:
        super().__init__("")
        self.options = options
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        """Start the process; raises RuntimeError when it does not come up. `url` is known afterwards."""
        search = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "twilio_binding.sandbox", "twilio", "--until-eof", *written(self.options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": search},
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            self.stop()
            raise RuntimeError("the Twilio stand-in did not start; its own message says why")
        told = json.loads(line)
        self.url, self._control = told["url"], told["control"]
        return self

    def stop(self) -> None:
        """End the process and wait for it."""
        self.close()
        if self._process is not None:
            process, self._process = self._process, None
            process.terminate()
            process.communicate(timeout=_PATIENCE)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
