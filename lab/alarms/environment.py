"""The tested system: broker, openHAB, Twilio and the service as processes, with the alarms of a batch."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lab.alarms import service
from lab.alarms.scenario import Batch
from lab.faults.broker_proxy import BrokerProxy
from lab.faults.environment import Clock
from lab.faults.service import CLOCK, PROMISE
from lab.standins.client import OpenHABStandIn, TwilioStandIn
from twilio_binding.sandbox.broker import BrokerProcess
from twilio_binding.sandbox.openhab import OpenHABOptions
from twilio_binding.sandbox.service_process import ServiceProcess
from twilio_binding.sandbox.twilio import TwilioOptions

PHONE, OPENHAB_TOKEN = "twilio:phone:acc:one", "oh.faults.01234"
_PUBLIC = "https://my.domain.com"
_OPTIONS = TwilioOptions(base_url=f"{_PUBLIC}/twilio/callback/{PHONE}", ring=0.15, pace=0.3)


def uid(alarm: str) -> str:
    """The UID of an alarm."""
    return f"twilio:alarm:acc:{alarm}"


class AlarmLab:
    """All processes, without the service."""

    def __init__(self, folder: Path, cleanup: ExitStack, batch: Batch, promise: str) -> None:
        self.broker = cleanup.enter_context(BrokerProcess(kind="mosquitto"))
        self.proxy = cleanup.enter_context(BrokerProxy(self.broker.port))
        (folder / "acc.things").write_text(_things(batch), encoding="utf-8")
        (folder / "items").mkdir()
        (folder / "items" / "all.items").write_text(_items(batch), encoding="utf-8")
        self.openhab = cleanup.enter_context(
            OpenHABStandIn(OpenHABOptions(items=folder / "items", token=OPENHAB_TOKEN))
        )
        self.twilio = cleanup.enter_context(TwilioStandIn(_OPTIONS))
        self.clock = Clock(folder / "clock")
        self.disk = folder / "disk"
        self.disk.write_text("0", encoding="ascii")
        self.service = ServiceProcess(
            folder,
            {
                "THINGS": json.dumps([str(folder / "acc.things")]),
                "OPENHAB__URL": self.openhab.url,
                "OPENHAB__TOKEN": OPENHAB_TOKEN,
                "MQTT__URL": f"mqtt://127.0.0.1:{self.proxy.port}",
                "TWILIO__API_URL": self.twilio.url,
                "LIMITS__ALARM_SENDS_PER_DAY": "0",
                "LOG__LEVEL": "info",
            },
            module="lab.alarms.service",
        )
        self.service.environment = {
            CLOCK: str(self.clock.path),
            PROMISE: promise,
            service.DISK: str(self.disk),
        }
        self.twilio.configure(deliver_to=self.service.url)
        cleanup.callback(self.service.stop)


@contextmanager
def alarm_lab(batch: Batch, promise: str) -> Iterator[AlarmLab]:
    """The whole system, without the service running."""
    with tempfile.TemporaryDirectory(prefix="alarms-") as folder, ExitStack() as cleanup:
        yield AlarmLab(Path(folder), cleanup, batch, promise)


def _things(batch: Batch) -> str:
    account = f'accountSid="{_OPTIONS.account_sid}", authToken="{_OPTIONS.auth_token}", publicUrl="{_PUBLIC}"'
    lines = [f'  Thing phone one [ phoneNumber="{_OPTIONS.number}" ]']
    for outage in batch.outages:
        lines += [
            f'  Thing contact {outage.contact(person)} [ phoneNumber="{number}", rights="acknowledge" ]'
            for person, number in enumerate(outage.numbers)
        ]
        lines.append(f'  Thing alarm {outage.name} [ steps="{outage.written}", message="{outage.name}" ]')
    return "\n".join([f"Bridge twilio:account:acc [ {account} ] {{", *lines, "}"]) + "\n"


def _items(batch: Batch) -> str:
    return "".join(
        f'Switch {outage.name}_active {{ channel="{uid(outage.name)}:active" }}\n' for outage in batch.outages
    )
