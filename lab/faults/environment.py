"""The tested system: broker, openHAB, Twilio and service as processes, and a proxy in front of the broker that can be cut."""

from __future__ import annotations

import json
import mmap
import resource
import signal
import struct
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from lab.faults import service as killable
from lab.faults.broker_proxy import BrokerProxy
from lab.faults.plan import Plan
from lab.standins.client import OpenHABStandIn, TwilioStandIn
from twilio_binding.sandbox.broker import BrokerProcess
from twilio_binding.sandbox.openhab import OpenHABOptions
from twilio_binding.sandbox.service_process import ServiceProcess
from twilio_binding.sandbox.twilio import TwilioOptions

ACCOUNT, TOKEN, OPENHAB_TOKEN = "AC00000000000000000000000000000001", "a-token-that-nobody-may-see", "oh.faults.01234"
PUBLIC = "https://my.domain.com"
NUMBERS = {"twilio:phone:acc:one": "+15551234567", "twilio:phone:acc:two": "+15551234568"}
"""The phones and their numbers."""
ANSWER_SECONDS = 2
"""Seconds for which a caller waits for the rule."""
PACKET = 6000
"""The largest packet that the broker accepts, in bytes."""
_BROKER = f"max_packet_size {PACKET}\nacl_file {{folder}}/acl\nmax_queued_messages 100000\n"
_STATES = ("message-body", "message-sid", "call-from", "dtmf-digits")


def callback(thing: str, endpoint: str) -> str:
    """The URL of a webhook at Twilio."""
    return f"{PUBLIC}/twilio/callback/{thing}/{endpoint}"


def item(thing: str, state: str) -> str:
    """The item that is linked to a state of a phone, such as `message-body`."""
    return f"Last_{thing.rpartition(':')[2]}_{state.replace('-', '_')}"


class Clock:
    """The error of the service's clock, in seconds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(struct.pack("d", 0.0))
        with path.open("r+b") as file:
            self._shift = mmap.mmap(file.fileno(), 8)

    def shift(self, seconds: float) -> None:
        """Set the error."""
        struct.pack_into("d", self._shift, 0, seconds)


class Environment:
    """All processes, without the traffic."""

    def __init__(self, folder: Path, cleanup: ExitStack, plan: Plan) -> None:
        self.folder = folder
        self.broker = BrokerProcess(kind="mosquitto", more=_BROKER)
        self.forbid(())
        cleanup.enter_context(self.broker)
        self.proxy = cleanup.enter_context(BrokerProxy(self.broker.port))
        things = folder / "acc.things"
        things.write_text(_things(), encoding="utf-8")
        (folder / "items").mkdir()
        (folder / "items" / "all.items").write_text(_items(), encoding="utf-8")
        options = OpenHABOptions(items=folder / "items", token=OPENHAB_TOKEN, history=30_000)
        self.openhab = cleanup.enter_context(OpenHABStandIn(options))
        first, second = NUMBERS.items()
        base = f"{PUBLIC}/twilio/callback/{first[0]}"
        self.twilio = cleanup.enter_context(
            TwilioStandIn(TwilioOptions(account_sid=ACCOUNT, auth_token=TOKEN, number=first[1], base_url=base))
        )
        self.twilio.console.add_number(
            second[1], sms_url=callback(second[0], "sms"), status=callback(second[0], "status")
        )
        self.clock = Clock(folder / "clock")
        self.service = ServiceProcess(
            folder,
            {
                "THINGS": json.dumps([str(things)]),
                "OPENHAB__URL": self.openhab.url,
                "OPENHAB__TOKEN": OPENHAB_TOKEN,
                "MQTT__URL": f"mqtt://127.0.0.1:{self.proxy.port}",
                "TWILIO__API_URL": self.twilio.url,
                "LOG__LEVEL": "info",
            },
            module="lab.faults.service",
        )
        self.disk_full_at = float("-inf")
        """When the disk was last full, in monotonic seconds."""
        self.run_seconds = plan.seconds / max(1, plan.kills)
        """Mean seconds between two kills."""
        self.service.environment = {killable.CLOCK: str(self.clock.path), killable.PROMISE: plan.promise}
        self.twilio.configure(deliver_to=self.service.url)
        cleanup.callback(self.service.stop)

    def forbid(self, topics: Sequence[str]) -> None:
        """Forbid publishing to these topics; with none, allow all again."""
        file = self.broker.folder / "acl"
        file.write_text("".join(f"topic deny {topic}\n" for topic in topics) + "topic readwrite #\n", encoding="ascii")
        file.chmod(0o644)
        self.broker.send(signal.SIGHUP)

    @property
    def database(self) -> Path:
        """The database of journal and outbox."""
        return self.folder / "data" / "twilio-binding.db"

    def look_at_damage(self) -> int:
        """Remove the databases that were set aside, like an operator who has looked at them; returns their number."""
        found = list(self.database.parent.glob(f"{self.database.name}.damaged-*"))
        for path in found:
            path.rename(self.folder / path.name)
        return sum(not path.name.endswith(("-wal", "-shm")) for path in found)

    def reload_things(self) -> None:
        """Reload the things; if the service does not expect the signal yet, it does not get it, as with systemd."""
        process = self.service.process
        if process is None:
            return
        with suppress(OSError):
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
            caught = int(status.partition("SigCgt:")[2].split()[0], 16)
            if caught >> (signal.SIGHUP - 1) & 1:
                process.send_signal(signal.SIGHUP)

    def limit_files(self, size: int) -> None:
        """Limit the size of the service's files in bytes; -1 for no limit."""
        self.disk_full_at = time.monotonic()
        process = self.service.process
        if process is not None:
            try:
                _, most = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, most))
            except ProcessLookupError:
                return


@contextmanager
def environment(plan: Plan) -> Iterator[Environment]:
    """The whole system, without the service running."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder, ExitStack() as cleanup:
        yield Environment(Path(folder), cleanup, plan)


def _things() -> str:
    phones = "\n".join(
        f'  Thing phone {uid.rpartition(":")[2]} [ phoneNumber="{number}", responseTimeout={ANSWER_SECONDS} ]'
        for uid, number in NUMBERS.items()
    )
    account = f'accountSid="{ACCOUNT}", authToken="{TOKEN}", publicUrl="{PUBLIC}"'
    return f"Bridge twilio:account:acc [ {account} ] {{\n{phones}\n}}\n"


def _items() -> str:
    return "".join(
        f'String {item(thing, state)} {{ channel="{thing}:last-{state}" }}\n' for thing in NUMBERS for state in _STATES
    )
