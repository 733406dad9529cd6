"""The options of a stand-in for openHAB."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHABOptions:
    """Options of one stand-in. All times are in seconds.

    `startup_factor` multiplies the recorded times of a start, which takes 15 s: 0.05 makes it shorter than one second, 0
    skips it. `apply_delay` is the time from the answer 202 until the state is set, `run_time` the time of a run of a
    rule, and `rule_start` the time from a trigger until its rules run, in addition to one turn of the bus. With the
    defaults, a trigger is on the event stream 3 ms after the relay rule was started; on openHAB it took 3.5 ms (median).
    """

    host: str = "127.0.0.1"
    port: int = 0
    control_port: int = 0
    items: Path | None = None
    token: str = ""
    user_token: str = ""
    version: str = "5.3"
    implicit_user: bool = True
    startup_factor: float = 0.0
    apply_delay: float = 0.001
    run_time: float = 0.001
    rule_start: float = 0.0
    alive_interval: float = 10.0
    idle_timeout: float = 30.0
    watch_interval: float = 0.2
    zone: str = "UTC"
    history: int = 200_000

    @property
    def release(self) -> tuple[int, int]:
        """Major and minor version, for differences between releases."""
        major, _, rest = self.version.partition(".")
        return int(major), int(rest.partition(".")[0] or 0)

    @property
    def queues_runs(self) -> bool:
        """Whether a busy rule queues a run (5.2 and later) instead of dropping it."""
        return self.release >= (5, 2)
