"""A stand-in as a child process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 30.0


class Child:
    """`python -m twilio_binding.sandbox <kind> ...`; it ends with `stop()`, or with this process."""

    def __init__(self, kind: str, arguments: Sequence[str]) -> None:
        self._kind = kind
        self._arguments = arguments
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> dict[str, str]:
        """Start it; the addresses that it tells. RuntimeError when it does not come up."""
        search = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "twilio_binding.sandbox", self._kind, "--until-eof", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": search},
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            self.stop()
            raise RuntimeError(f"the stand-in for {self._kind} did not start; its own message says why")
        addresses: dict[str, str] = json.loads(line)
        return addresses

    def stop(self) -> None:
        """End it and wait for that."""
        if self._process is not None:
            process, self._process = self._process, None
            process.terminate()
            process.communicate(timeout=_PATIENCE)
