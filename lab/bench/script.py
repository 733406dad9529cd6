"""`python -m lab.bench.script [CHECKOUT...]`: measures an answered call through the script inside openHAB.

Measured on the stand-in of `make test-jvm`, with GraalPy on a JVM: from the service's event over the script, a rule in
Java and the action back to the service. Other checkouts of this repository are measured alternately with this one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lab.bench.lines import percentile
from lab.standins.jvm import OpenHAB, class_path, jdk
from twilio_binding.errors import DependencyDownError
from twilio_binding.metrics import Metrics
from twilio_binding.mqtt.exchange import Exchange
from twilio_binding.openhab.delivery.script import ScriptClient
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.protocol.announcement import Announcement
from twilio_binding.protocol.events import BridgeEvent
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.protocol.topics import Topics
from twilio_binding.sandbox.broker import BrokerProcess
from twilio_binding.sandbox.waiting import until
from twilio_binding.settings import OpenHABSettings

_SECRET = "secret of the measurement, 32 bytes"
_ACCOUNT, _PHONE = "twilio:account:home", "twilio:phone:home:main"
_HERE = Path(__file__).resolve().parents[2]
_SETTLED = 8.0
"""Seconds between a start and the first call, because nobody calls at the moment when openHAB is up."""
_COPIES = """
import json, sys
from pathlib import Path
from twilio_binding.installation import bundle
made = bundle(secret=sys.argv[1], mqtt_url=sys.argv[2], base_topic="twilio", service_url="http://127.0.0.1:9")
for path, content in made.files.items():
    target = Path(sys.argv[3]) / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
"""


@dataclass(slots=True)
class Times:
    """Milliseconds of one copy of the script."""

    first: list[float] = field(default_factory=list)
    early: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    failed: int = 0
    calls: int = 0


class Service:
    """The service's side: events to the script, actions from it."""

    def __init__(self, broker: BrokerProcess, openhab: OpenHAB) -> None:
        self._line = OpenHABRequests(OpenHABSettings(url=openhab.url))
        self.script = ScriptClient(_SECRET)
        self._answered: dict[str, threading.Event] = {}
        self._exchange = Exchange(broker.url, Topics(), client_id="service", metrics=Metrics())
        self._exchange.announced.subscribe(self._announced)
        self._exchange.start(self._submit)
        until(lambda: self._exchange.is_ready, "the broker")
        self._exchange.publish_things([_online(_ACCOUNT), _online(_PHONE)])

    def _announced(self, announcement: Announcement | None) -> None:
        self.script.announce(announcement)

    def _submit(self, request: Request, answer: Callable[[Reply], None], taken: Callable[[], None]) -> None:
        event = self._answered.get(str(request.args.get("callSid")))
        if event is not None:
            event.set()
        taken()
        answer(Reply(id=request.id, ok=True, result={"sid": "SM1"}))

    def call(self, seconds: float = 10.0) -> float | None:
        """Milliseconds of one answered call; None if no rule has answered."""
        sid = f"CA{time.time_ns():032x}"
        done = self._answered[sid] = threading.Event()
        payload = json.dumps({"callSid": sid, "from": "+15557654321", "to": "+15551234567", "status": "ringing"})
        states = (
            ("last-call-from", "+15557654321"),
            ("last-call-date", "2026-11-28T21:00:00.000+0000"),
            ("last-call-status", "ringing"),
        )
        event = BridgeEvent(id=sid, thing=_PHONE, states=states, channel="call-received", payload=payload)
        began = time.monotonic()
        while not self._is_delivered(event):
            if time.monotonic() - began > seconds:
                return None
            time.sleep(0.01)
        came = done.wait(max(0.0, began + seconds - time.monotonic()))
        took = (time.monotonic() - began) * 1000
        del self._answered[sid]
        return took if came else None

    def _is_delivered(self, event: BridgeEvent) -> bool:
        try:
            outcome = self.script.deliver(self._line, [event])[0].outcome if self.script.is_open else "not_ready"
        except DependencyDownError:
            return False
        if outcome not in ("done", "seen", "not_ready", "unknown_thing"):
            raise RuntimeError(outcome)
        return outcome in ("done", "seen")

    def stop(self) -> None:
        """Disconnect."""
        self._exchange.stop()
        self._line.close()


def _online(uid: str) -> dict[str, object]:
    return {"uid": uid, "status": "ONLINE", "statusDetail": "NONE", "description": "", "properties": {}}


class House:
    """A JVM with the script of a checkout in it."""

    def __init__(self, cleanup: ExitStack, broker: BrokerProcess, checkouts: list[Path]) -> None:
        home = jdk()
        self._folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="twilio-binding-")))
        self.openhab = OpenHAB(home, class_path(home), self._folder)
        cleanup.callback(self.openhab.stop)
        self._copies: dict[Path, Path] = {}
        for number, checkout in enumerate(checkouts):
            target = self._folder / f"copy-{number}"
            command = [sys.executable, "-c", _COPIES, _SECRET, broker.url, str(target)]
            subprocess.run(command, cwd=checkout, check=True)
            self._copies[checkout] = target
        self.service = Service(broker, self.openhab)
        cleanup.callback(self.service.stop)

    def load(self, checkout: Path) -> None:
        """Load the script of a checkout, or reload it."""
        copy = self._copies[checkout]
        path = f"{copy / 'lib'}:{copy}"
        self.openhab.control("load", name="bridge", file=str(copy / "twilio.py"), path=path)

    def furnish(self) -> None:
        """Add an account and a phone, and a rule that answers its calls."""
        account = {"accountSid": "AC" + "0" * 32, "authToken": "t"}
        self._add(_ACCOUNT, "", account)
        self._add(_PHONE, _ACCOUNT, {"phoneNumber": "+15551234567"})
        self.openhab.control("answer", uid="bench", thing=_PHONE, channel="call-received", twiml="<Response/>")
        self.wait()

    def _add(self, uid: str, bridge: str, configuration: dict[str, str]) -> None:
        thing: dict[str, object] = {"UID": uid, "thingTypeUID": ":".join(uid.split(":")[:2])}
        thing |= {"configuration": configuration} | ({"bridgeUID": bridge} if bridge else {})
        self.openhab.request("POST", "/rest/things", thing)

    def wait(self) -> None:
        """Wait until the phone is online and the script accepts events."""
        until(lambda: self.service.script.is_open and self._status() == "ONLINE", "the phone to be online", 60)

    def _status(self) -> str:
        thing = self.openhab.get(f"things/{_PHONE}")
        return thing["statusInfo"]["status"] if isinstance(thing, dict) else ""


@contextmanager
def house(checkouts: list[Path]) -> Iterator[House]:
    """A separate JVM and broker."""
    with ExitStack() as cleanup:
        broker = cleanup.enter_context(BrokerProcess())
        yield House(cleanup, broker, checkouts)


def cold(checkout: Path, times: Times) -> None:
    """Calls after a start of openHAB: the first, the first ten, and the next hundred."""
    with house([checkout]) as up:
        up.load(checkout)
        up.furnish()
        time.sleep(_SETTLED)
        took = [up.service.call() or 1e9 for _ in range(110)]
        times.first.append(took[0])
        times.early += took[:10]
        print(
            f"{checkout.name}: first {took[0]:.1f}, then {', '.join(f'{one:.0f}' for one in took[1:10])} ms", flush=True
        )


def warm(checkouts: list[Path], found: dict[Path, Times], rounds: int) -> None:
    """Calls in a JVM that has been running for a while, and reloads during which a rule requests actions, for each copy."""
    with house(checkouts) as up:
        up.load(checkouts[0])
        up.furnish()
        for turn in range(rounds + 1):
            for checkout in checkouts:
                up.load(checkout)
                up.wait()
                took = [up.service.call() or 1e9 for _ in range(400)]
                if turn:
                    found[checkout].warm += took[100:]
                    reloading(up, checkout, found[checkout])


def reloading(up: House, checkout: Path, times: Times) -> None:
    """A rule requests an action every 20 ms while the script is reloaded."""
    over = threading.Event()

    def act() -> None:
        while not over.is_set():
            began = time.monotonic()
            times.calls += 1
            try:
                answer = up.openhab.control("call", thing=_PHONE, action="sendSMS", args=["+15557654321", "x"])
                times.failed += not (isinstance(answer, dict) and answer["result"] is True)
            except RuntimeError:
                times.failed += 1
            longest[0] = max(longest[0], (time.monotonic() - began) * 1000)
            over.wait(0.02)

    longest = [0.0]
    thread = threading.Thread(target=act)
    thread.start()
    time.sleep(0.3)
    up.load(checkout)
    up.wait()
    time.sleep(0.3)
    over.set()
    thread.join()
    times.waits.append(longest[0])


def main() -> None:
    """Measure this checkout alternately with others."""
    arguments = [one for one in sys.argv[1:] if not one.startswith("-")]
    rounds = 1 if "--quick" in sys.argv else 5
    checkouts = [_HERE, *(Path(one).resolve() for one in arguments)]
    found = {checkout: Times() for checkout in checkouts}
    if "--warm" not in sys.argv:
        for _ in range(rounds):
            for checkout in checkouts:
                cold(checkout, found[checkout])
    warm(checkouts, found, rounds)
    for checkout, times in found.items():
        print(f"\n{'this' if checkout == _HERE else checkout}")
        if times.first:
            print(f"  first call after a start: median {percentile(times.first, 0.5):.1f} ms")
            print(f"  calls 1-10 after a start: p50 {percentile(times.early, 0.5):.1f} ms")
        print(f"  warm: p50 {percentile(times.warm, 0.5):.2f} ms, p99 {percentile(times.warm, 0.99):.1f} ms")
        print(
            f"  reloads: {times.failed} of {times.calls} actions failed, the longest took {max(times.waits, default=0):.0f} ms"
        )
    ratio = percentile(found[_HERE].warm, 0.5)
    for checkout in checkouts[1:]:
        print(f"\nratio to {checkout}: {ratio / percentile(found[checkout].warm, 0.5):.2f}")


if __name__ == "__main__":
    main()
