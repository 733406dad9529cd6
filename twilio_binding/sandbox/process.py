"""A stand-in as a child process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from twilio_binding.sandbox.startable import Startable

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 30.0


class StandInProcess(Startable):
    """`python -m <module> <kind> ...` as a child process. It ends with `stop()`, after the `with` block, or with this process.

    `url` and `control_url` are empty until it has started.
    """

    def __init__(self, kind: str, arguments: Sequence[str], *, module: str = "twilio_binding.sandbox") -> None:
        self._module = module
        self._kind = kind
        self._arguments = arguments
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.control_url = ""

    def start(self) -> Self:
        """Start the process. Raises RuntimeError if it does not announce its addresses."""
        search = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module, self._kind, "--until-eof", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": search},
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            self.stop()
            raise RuntimeError(f"the stand-in for {self._kind} did not start; see its message above")
        addresses: dict[str, str] = json.loads(line)
        self.url, self.control_url = addresses["url"], addresses["control"]
        return self

    def stop(self) -> None:
        """End the process, and wait for its end."""
        if self._process is not None:
            process, self._process = self._process, None
            process.terminate()
            process.communicate(timeout=_PATIENCE)
