"""A stack with people and alarms, and what Twilio sees of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from lab.standins.stack import Stack, stack
from tests.terminal import command
from tests.waiting import wait_until
from twilio_binding.actions import connect
from twilio_binding.protocol.results import Result

ACCOUNT = "twilio:account:myaccount"
ADA, BOB, CY, DAN = "+15557654321", "+15557654322", "+15557654323", "+15557654324"
PEOPLE = f"""
Thing twilio:contact:myaccount:ada "Ada" ({ACCOUNT}) [ phoneNumber="{ADA}", rights="read,command,acknowledge", pin="4711" ]
Thing twilio:contact:myaccount:bob "Bob" ({ACCOUNT}) [ phoneNumber="{BOB}", rights="acknowledge", language="de" ]
Thing twilio:contact:myaccount:dan "Dan" ({ACCOUNT}) [ phoneNumber="{DAN}", rights="acknowledge", via="whatsapp" ]
Thing twilio:contact:myaccount:cy "Cy" ({ACCOUNT}) [ phoneNumber="{CY}" ]
"""


def uid(alarm: str) -> str:
    """The UID of an alarm."""
    return f"twilio:alarm:myaccount:{alarm}"


class AlarmHome:
    """A stack; `alarms` are lines of `.things` without `Thing alarm`: `fire "Fire" [ steps="..." ]`; `more` are lines of `.items`."""

    def __init__(self, home: Stack, alarms: tuple[str, ...], more: str) -> None:
        self.stack = home
        self.twilio = home.twilio
        self.openhab = home.openhab
        lines = [f"Thing twilio:alarm:myaccount:{line.replace(' [', f' ({ACCOUNT}) [', 1)}" for line in alarms]
        home.things.with_name("people.things").write_text(PEOPLE + "\n".join(lines) + "\n", encoding="utf-8")
        names = [line.split()[0] for line in alarms]
        items = more + "\n".join(
            f'{kind} {name}_{channel.replace("-", "_")} {{ channel="{uid(name)}:{channel}" }}'
            for name in names
            for kind, channel in (
                ("Switch", "active"),
                ("String", "state"),
                ("String", "message"),
                ("String", "step"),
                ("String", "acknowledged-by"),
                ("DateTime", "acknowledged-date"),
            )
        )
        (home.folder / "items" / "alarms.items").write_text(items, encoding="utf-8")
        wait_until(lambda: set(map(uid, names)) <= self._known(), 10, "the alarms to be known")

    def thing(self, alarm: str) -> dict[str, Any]:
        """The description of an alarm that the service publishes; empty if the alarm is unknown."""
        return self._things().get(uid(alarm), {"description": "", "status": ""})

    def remove(self, alarm: str) -> None:
        """Remove an alarm from the configuration, and wait until the service knows."""
        file = self.stack.things.with_name("people.things")
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(line for line in lines if f":{alarm} " not in line), encoding="utf-8")
        wait_until(lambda: uid(alarm) not in self._known(), 10, "the alarm to be removed")

    def _known(self) -> set[str]:
        return set(self._things())

    def _things(self) -> dict[str, dict[str, Any]]:
        """The things that the service publishes."""
        with connect(self.stack.broker.url, timeout=30) as client:
            told = client.retained(client.topics.things)
        return {thing["uid"]: thing for thing in json.loads(told or b"[]")}

    def ask(self, alarm: str, action: str, **args: object) -> Result:
        """Request an action over MQTT."""
        with connect(self.stack.broker.url, timeout=15) as client:
            return client.call(uid(alarm), action, args)

    def terminal(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the terminal."""
        return command(self.stack.folder, *arguments, MQTT__URL=self.stack.broker.url)

    def reply(self, body: str, sender: str) -> str:
        """The answer to a contact's text."""
        return str(self.twilio.receive_sms(body, sender=sender)["answer"])

    def texts(self, to: str, containing: str = "") -> list[str]:
        """The texts to a number."""
        return [one["body"] for one in self.twilio.messages() if one["to"] == to and containing in one["body"]]

    def calls(self, to: str = "") -> list[dict[str, Any]]:
        """The calls to a number."""
        return [one for one in self.twilio.calls() if one["direction"] == "outbound-api" and to in ("", one["to"])]

    def updates(self, alarm: str) -> list[dict[str, Any]]:
        """The triggers of an alarm."""
        return [json.loads(str(one["payload"])) for one in self.openhab.triggers(channel=f"{uid(alarm)}:alarm-update")]

    def wait_state(self, alarm: str, state: str, seconds: float = 15) -> None:
        """Wait until the item of an alarm's state has a value."""
        wait_until(lambda: self.state(alarm) == state, seconds, f"{alarm} to be {state}")

    def state(self, alarm: str, channel: str = "state") -> str:
        """The state of the item that is linked to a channel; "" if it has none."""
        return next(reversed(self.openhab.states(f"{alarm}_{channel}")), "")

    def command(self, item: str, command: str) -> None:
        """Send a command to an item, like a rule or a sitemap."""
        url = f"{self.openhab.url}/rest/items/{item}"
        requests.post(url, command, headers={"Content-Type": "text/plain"}, timeout=30).raise_for_status()


@contextmanager
def alarm_home(*alarms: str, items: str = "") -> Iterator[AlarmHome]:
    """A running stack with these alarms and additional items."""
    with stack() as home:
        yield AlarmHome(home, alarms, items)
