"""The content of the service's log, and what it must not contain."""

from __future__ import annotations

import re
from collections import Counter

from lab.faults.environment import NUMBERS, OPENHAB_TOKEN, TOKEN, Environment

_EVENT = re.compile(r"level=(warning|error|critical) event=\"?([\w.]+)")
_NUMBER = re.compile(r"\+1555\d{7}")


def read_log(environment: Environment, counts: Counter[str]) -> list[str]:
    """Count warnings and errors; returns the secrets in the log."""
    relay = (environment.folder / "data" / "relay-secret").read_text(encoding="ascii").strip()
    secrets = {"Twilio's token": TOKEN, "openHAB's token": OPENHAB_TOKEN, "the relay's secret": relay}
    secrets |= {f"the number of {thing}": number for thing, number in NUMBERS.items()}
    found: set[str] = set()
    with environment.service.log.open(encoding="utf-8", errors="replace") as log:
        for line in log:
            event = _EVENT.search(line)
            if event is not None:
                counts[f"log: {event[1]} {event[2]}"] += 1
            found |= {name for name, secret in secrets.items() if secret in line}
            found |= {"a phone number"} if _NUMBER.search(line) else set()
            found |= {"the text of a message"} if "mark SM" in line else set()
    return sorted(found)
