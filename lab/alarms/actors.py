"""The actors of a batch: kills of the service, faults, and the people who acknowledge."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable

from lab.alarms.environment import AlarmLab, uid
from lab.alarms.said import is_taken
from lab.alarms.scenario import Batch, Outage, PlannedFault
from lab.faults.service import PASSAGE, POINT
from twilio_binding.actions import connect
from twilio_binding.sandbox.twilio.connection import JSON

_PATIENCE = 45.0
_REST = "/2010-04-01/Accounts/.*/(Messages|Calls)"


class Uptime:
    """The times when the service was up, in monotonic seconds."""

    def __init__(self) -> None:
        self.spans: list[tuple[float, float]] = []

    def up_from(self, moment: float, seconds: float) -> float:
        """The first time after `moment` at which the service has been up for so many seconds."""
        later = ((max(moment, since), until) for since, until in self.spans)
        return next((since for since, until in later if until > since + seconds), moment)

    def was_up(self, since: float, until: float) -> bool:
        """Whether the service was up all the time."""
        return any(start <= since and until <= end for start, end in self.spans)


class Killer(threading.Thread):
    """Starts the service, and kills and restarts it as planned; after that it stays up."""

    def __init__(self, lab: AlarmLab, batch: Batch) -> None:
        super().__init__(name="killer", daemon=True)
        self._lab = lab
        self._kills = batch.kills
        self.uptime = Uptime()
        self.points: list[str] = []

    def run(self) -> None:
        """Start and kill the service as planned."""
        service = self._lab.service
        for seconds, point, passage in self._kills:
            service.environment |= {POINT: point, PASSAGE: str(passage)}
            since = self._start()
            if since is None:
                self.points.append(point)
                continue
            assert service.process is not None
            try:
                service.process.wait(seconds)
                self.points.append(point)
                service.process = None
            except subprocess.TimeoutExpired:
                service.kill()
                self.points.append("at any moment")
            self.uptime.spans.append((since, time.monotonic()))
        service.environment |= {POINT: ""}
        since = self._start()
        assert since is not None, "the service did not start"
        self.uptime.spans.append((since, float("inf")))

    def _start(self) -> float | None:
        """Start the service. Returns the time, or None if the service was killed before it was ready."""
        try:
            self._lab.service.start()
        except Exception:
            process = self._lab.service.process
            if process is None or process.wait(30) != -9:
                raise
            self._lab.service.process = None
            return None
        return time.monotonic()


class Faults(threading.Thread):
    """Makes the planned faults of a batch, each for its time."""

    def __init__(self, lab: AlarmLab, batch: Batch) -> None:
        super().__init__(name="faults", daemon=True)
        self._lab = lab
        self._planned = batch.faults
        self.windows: list[tuple[str, float, float]] = []

    def run(self) -> None:
        """Make the planned faults, one after the other."""
        began = time.monotonic()
        for fault in self._planned:
            time.sleep(max(0.0, began + fault.at - time.monotonic()))
            end = self._begin(fault)
            since = time.monotonic()
            time.sleep(fault.seconds)
            end()
            self.windows.append((fault.kind, since, time.monotonic()))

    def _begin(self, fault: PlannedFault) -> Callable[[], object]:
        """Begin a fault; returns a function that ends it."""
        lab = self._lab
        twilio, openhab = lab.twilio.faults, lab.openhab.faults
        match fault.kind:
            case "429" | "500" | "reset":
                twilio.set(fault.kind, path=_REST, method="POST")
                return twilio.clear
            case "slow":
                twilio.set("slow", path=_REST, seconds=0.3)
                return twilio.clear
            case "twilio down":
                twilio.down()
                return twilio.up
            case "openhab down":
                openhab.down()
                return openhab.up
            case "broker cut":
                lab.proxy.cut()
                return lambda: None
            case "clock":
                lab.clock.shift(fault.size)
                return lambda: None  # the clock stays wrong until the next jump
            case "disk":
                lab.disk.write_text(str(fault.size), encoding="ascii")
                return lambda: lab.disk.write_text("0", encoding="ascii")
            case _:
                lab.twilio.configure(shuffle=True, callbacks=2)
                return lambda: lab.twilio.configure(shuffle=False, callbacks=1)


class People(threading.Thread):
    """Starts an outage's alarm, and acknowledges it as planned unless that happens by key.

    `gave_up` says what failed although the service was up for long, "" for nothing.
    """

    def __init__(self, lab: AlarmLab, outage: Outage, resources: Callable[[], list[JSON]], killer: Killer) -> None:
        super().__init__(name=outage.name, daemon=True)
        self._lab = lab
        self._killer = killer
        self._outage = outage
        self._resources = resources
        self.taken = 0.0
        self.gave_up = ""

    def run(self) -> None:
        """Start the alarm, and acknowledge it as planned."""
        outage = self._outage
        time.sleep(outage.start)
        with connect(self._lab.broker.url, timeout=3) as client:
            self._until(
                "it could not be started",
                lambda: bool(client.call(uid(outage.name), "startAlarm", {}, request_id=outage.name)),
            )
            if outage.act not in ("text", "request"):
                return
            number = outage.numbers[outage.taker]
            self._until("they were not notified", lambda: any(one["to"] == number for one in self._resources()))
            time.sleep(outage.taken_after)
            if outage.act == "text":
                self._until(
                    "they could not take it by text",
                    lambda: self._taken(is_taken(self._lab.twilio.receive_sms("1", sender=number)["answer"])),
                )
            else:
                by = outage.contact(outage.taker)
                self._until(
                    "they could not take it by a request",
                    lambda: self._taken(bool(client.call(uid(outage.name), "acknowledgeAlarm", {"by": by}))),
                )

    def _taken(self, has_taken: bool) -> bool:  # noqa: FBT001 - a callback with one value
        self.taken = time.monotonic() if has_taken else 0.0
        return has_taken

    def _until(self, what: str, done: Callable[[], bool]) -> None:
        """Retry until it succeeds, like people; gives up if it fails for long with a service that is not killed."""
        give_up = time.monotonic() + _PATIENCE
        while time.monotonic() < give_up:
            if self._killer.is_alive():
                give_up = time.monotonic() + _PATIENCE
            try:
                if done():
                    return
            except (ConnectionError, OSError):
                pass
            time.sleep(0.2)
        self.gave_up = self.gave_up or f"{what} within {_PATIENCE:g} s"
