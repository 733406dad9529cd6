"""Time that never jumps: the age of everything in the data folder is correct, however the clock is set."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

NAME = "timeline"
_FAR = 1e10
"""Far in the future: this program never wrote a later time."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> str:
    """The id of this run of the machine; "" if the system does not have one."""
    with suppress(OSError):
        return _BOOT.read_text(encoding="ascii").strip()
    return ""


def uptime() -> float:
    """Seconds since a time that is the same for all processes of one run of the machine, including sleep."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Timeline:
    """Seconds since about 1970, stored in `file`: it grows steadily while the machine runs, and never goes back.

    The clock only says how long the machine was off; if it was set back, that time counts as zero.
    """

    def __init__(
        self,
        file: Path,
        *,
        clock: Callable[[], float] = time.time,
        up: Callable[[], float] = uptime,
        boot: str | None = None,
        is_ours: bool = True,
    ) -> None:
        self._file = file
        self._up = up
        self._boot = boot_id() if boot is None else boot
        known_boot, ahead, last = self._read()
        if not self._boot or known_boot != self._boot or ahead + up() < last - 1:
            ahead = max(clock(), last) - up()
        self._ahead = ahead
        if is_ours:
            self.note()

    @classmethod
    def beside(cls, database: Path) -> Self:
        """The timeline of the process that uses this database; for others, who store nothing."""
        return cls(database.with_name(NAME), is_ours=False)

    def now(self) -> float:
        """The current time on this timeline; for durations, not for people."""
        return self._up() + self._ahead

    def not_before(self, moment: float) -> None:
        """Note the time of a stored record. If it lies in the future, the timeline file was lost, and time continues from there."""
        ahead = moment - self.now()
        if ahead > 0 and moment < _FAR:
            self._ahead += ahead
            self.note()

    def note(self) -> None:
        """Store the current time, for the next run of the machine."""
        text = json.dumps({"boot": self._boot, "ahead": self._ahead, "last": self.now()})
        beside = self._file.with_name(f"{self._file.name}.new")
        with suppress(OSError):  # a full disk must not stop anything
            beside.touch(mode=0o600)
            beside.write_text(text, encoding="ascii")
            beside.replace(self._file)

    def _read(self) -> tuple[str, float, float]:
        try:
            known = json.loads(self._file.read_text(encoding="ascii"))
            boot, ahead, last = str(known["boot"]), float(known["ahead"]), float(known["last"])
            if 0 < last < _FAR and abs(ahead) < _FAR:
                return boot, ahead, last
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            pass
        return "", 0.0, 0.0
