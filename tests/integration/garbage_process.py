"""The service, which writes to the file `GARBAGE` how many unreachable objects it has kept since its start."""

from __future__ import annotations

import gc
import os
from pathlib import Path

from twilio_binding.__main__ import main

_enable = gc.enable


def _count_and_enable() -> None:
    gc.unfreeze()
    Path(os.environ["GARBAGE"]).write_text(str(gc.collect()), encoding="utf-8")
    _enable()


if __name__ == "__main__":
    gc.enable = _count_and_enable
    main()
