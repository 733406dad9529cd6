"""Makes and undoes each kind of fault."""

from __future__ import annotations

import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from functools import partial

from lab.faults.environment import NUMBERS, Environment
from lab.faults.plan import KINDS, PlannedFault

_SENDS = "/2010-04-01/.*/(Messages|Calls)"
_RUN = "/rest/rules/twilio-relay/runnow"
_EVENTS = f"openhab/channels/({'|'.join(NUMBERS)}):.*"

_CLOCK_ERRORS = (4 * 3600.0, 40 * 86400.0, 30 * 365 * 86400.0)
"""Errors of the clock in seconds: hours, days and years."""

_INDEXES = ("events_openhab", "events_mqtt", "sqlite_autoindex_events_1")
"""Indexes that are used all the time."""

Undo = Callable[[], object]


class FaultInjector(threading.Thread):
    """Makes the faults of a plan at their times."""

    def __init__(self, environment: Environment, planned_faults: Sequence[PlannedFault]) -> None:
        super().__init__(name="striker", daemon=True)
        self._environment = environment
        self._planned = planned_faults
        self._stopping = threading.Event()
        self.counts: Counter[str] = Counter()
        self.failed: list[str] = []
        self.restarts: list[float] = []
        """When openHAB was restarted, in monotonic seconds."""
        self.store_faults: list[tuple[float, float]] = []
        """When the store could not write, and for how long that was planned."""
        self._is_broker_down = False
        self._ways = self._table(environment)
        assert self._ways.keys() == KINDS.keys()

    def run(self) -> None:
        """Make all faults; earlier ones end earlier, or together with later ones."""
        began = time.monotonic()
        undos: list[tuple[float, Undo]] = []
        for fault in self._planned:
            due = began + fault.at
            self._undo(undos, due)
            if self._stopping.wait(max(0.0, due - time.monotonic())):
                break
            try:
                undo = self._ways[fault.kind](fault)
            except Exception as error:
                self.failed.append(f"{fault.kind}: {error}")
                continue
            self.counts[fault.kind] += 1
            if undo is not None:
                undos.append((due + fault.seconds, undo))
        self._undo(undos, float("inf"))

    def stop(self) -> None:
        """Undo all faults and end."""
        self._stopping.set()
        self.join()
        self._environment.openhab.faults.up()
        self._environment.openhab.faults.clear()
        self._environment.twilio.faults.up()
        self._environment.twilio.faults.clear()

    def _table(self, environment: Environment) -> dict[str, Callable[[PlannedFault], Undo | None]]:
        """The function for each kind."""
        return {
            "openhab-restart": self._openhab_restart,
            "openhab-down": lambda fault: environment.openhab.faults.down(fault.seconds),
            "openhab-401": partial(self._openhab, kind="status", status=401),
            "openhab-404": partial(self._openhab, kind="status", status=404),
            "openhab-500": partial(self._openhab, kind="status", status=500, effect=True),
            "openhab-hang": partial(self._openhab, kind="hang", path=_RUN, count=1),
            "openhab-slow": partial(self._openhab, kind="slow", path=_RUN, delay=1.0),
            "openhab-cut": partial(self._openhab, kind="cut"),
            "openhab-stream-cut": self._drop,
            "openhab-mid-frame": partial(self._drop, mid_frame=True),
            "openhab-lost-run": partial(self._openhab, kind="lose-run", path=_RUN, count=1),
            "openhab-lost-event": partial(self._openhab, kind="lose-event", path=_EVENTS, count=3),
            "broker-killed": lambda fault: self._broker(fault, environment.broker.kill),
            "broker-restart": lambda fault: self._broker(fault, environment.broker.stop),
            "broker-cut": lambda _: environment.proxy.cut(),
            "broker-deaf": self._deaf,
            "broker-refuses": self._refuses,
            "twilio-429": partial(self._twilio, kind="429"),
            "twilio-500": partial(self._twilio, kind="500"),
            "twilio-500-sent": partial(self._twilio, kind="500", effect=True),
            "twilio-html": partial(self._twilio, kind="html"),
            "twilio-nonsense": partial(self._twilio, kind="nonsense", effect=True),
            "twilio-reset": partial(self._twilio, kind="reset"),
            "twilio-hang": partial(self._twilio, kind="hang", effect=True, count=1),
            "twilio-down": self._twilio_down,
            "disk-full": self._disk_full,
            "database-locked": self._locked,
            "database-damaged": self._damaged,
            "clock-jump": self._clock,
            "things-reloaded": self._reload,
        }

    def _undo(self, undos: list[tuple[float, Undo]], before: float) -> None:
        for at, undo in sorted(undos, key=lambda each: each[0]):
            if at > before:
                break
            self._stopping.wait(max(0.0, at - time.monotonic()))
            try:
                undo()
            except Exception as error:
                self.failed.append(f"undoing a fault: {error}")
        undos[:] = [each for each in undos if each[0] > before]

    # ---- openHAB

    def _openhab(
        self,
        fault: PlannedFault,
        *,
        kind: str,
        path: str = "/rest/",
        count: int = 0,
        delay: float = 0.0,
        **settings: object,
    ) -> Undo | None:
        count = count or 1 + round(fault.dice * 8)
        self._environment.openhab.faults.set(kind, path=path, count=count, seconds=delay, **settings)
        return None

    def _openhab_restart(self, fault: PlannedFault) -> None:
        self.restarts.append(time.monotonic())
        self._environment.openhab.restart(0.02 + 0.1 * fault.dice)
        self.restarts.append(time.monotonic())

    def _drop(self, fault: PlannedFault, *, mid_frame: bool = False) -> None:  # noqa: ARG002
        self._environment.openhab.faults.drop_streams(mid_frame=mid_frame)

    # ---- broker

    def _broker(self, fault: PlannedFault, end: Callable[[], None]) -> Undo | None:  # noqa: ARG002
        if self._is_broker_down:
            return None
        self._is_broker_down = True
        end()

        def begin() -> None:
            self._environment.broker.start()
            self._is_broker_down = False

        return begin

    def _deaf(self, fault: PlannedFault) -> Undo:  # noqa: ARG002
        self._environment.proxy.deafen()
        return self._environment.proxy.hear

    def _refuses(self, fault: PlannedFault) -> Undo:
        """Forbid publishing events, retained documents, or replies for a while."""
        kinds = (("event/#", "state/#"), ("things", "status", "service"), ("event/#", "reply/#"))
        self._environment.forbid([f"twilio/{topic}" for topic in kinds[int(fault.dice * len(kinds))]])
        return lambda: self._environment.forbid(())

    # ---- Twilio

    def _twilio(self, fault: PlannedFault, *, kind: str, count: int = 0, **settings: object) -> None:
        method = "GET" if fault.dice < 0.15 else "POST"
        self._environment.twilio.faults.set(
            kind, path=_SENDS, method=method, count=count or 1 + round(fault.dice * 3), **settings
        )

    def _twilio_down(self, fault: PlannedFault) -> Undo:  # noqa: ARG002
        self._environment.twilio.faults.down()
        return self._environment.twilio.faults.up

    # ---- the machine

    def _disk_full(self, fault: PlannedFault) -> Undo:
        log = self._environment.database.with_name(self._environment.database.name + "-wal")
        size = log.stat().st_size if log.exists() else 0
        self.store_faults.append((time.monotonic(), fault.seconds))
        self._environment.limit_files(round(size * fault.dice))
        return lambda: self._environment.limit_files(-1)

    def _locked(self, fault: PlannedFault) -> Undo | None:
        if not self._environment.database.exists():
            return None
        other = sqlite3.connect(self._environment.database, timeout=5, isolation_level=None, check_same_thread=False)
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            other.close()  # by another fault, or the disk is full
            return None
        self.store_faults.append((time.monotonic(), fault.seconds))

        def let_go() -> None:
            other.execute("ROLLBACK")
            other.close()

        return let_go

    def _damaged(self, fault: PlannedFault) -> None:
        """Damage the root of an index in the file: every row can still be read, so nothing may be lost."""
        if not self._environment.database.exists():
            return
        name = _INDEXES[int(fault.dice * 100) % len(_INDEXES)]
        with closing(sqlite3.connect(self._environment.database, timeout=5)) as database, suppress(sqlite3.Error):
            (size,) = database.execute("PRAGMA page_size").fetchone()
            (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
            # In another process, because closing a file in this one would release its locks.
            command = [
                "/bin/dd",
                f"of={self._environment.database}",
                "bs=1",
                f"seek={(page - 1) * size}",
                "conv=notrunc",
            ]
            self.store_faults.append((time.monotonic(), self._environment.run_seconds))
            subprocess.run(command, input=b"\xa5" * 64, check=True, capture_output=True)

    def _clock(self, fault: PlannedFault) -> Undo:
        size = _CLOCK_ERRORS[int(fault.dice * 100) % len(_CLOCK_ERRORS)]
        self._environment.clock.shift((fault.dice - 0.4) * size)
        return lambda: self._environment.clock.shift(0.0)

    def _reload(self, fault: PlannedFault) -> None:
        for _ in range(round(fault.dice * 60)):
            self._environment.reload_things()
            self._stopping.wait(0.005)
