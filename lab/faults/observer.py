"""What openHAB and Twilio saw, collected during the run."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from lab.faults.environment import NUMBERS, Environment, item
from lab.faults.ledger import Ledger, Told, key_of_trigger

_EVERY = 1.5
_SENT_LATEST = 2000
_SID = "message-sid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One trigger event in openHAB, `at` monotonic seconds; `sid` is the last message's SID that a rule on it found."""

    key: str
    at: float
    sid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One state of the item with the last message's SID."""

    sid: str
    at: float


@dataclass(slots=True)
class Evidence:
    """Triggers in openHAB in order, item states by thing, and the SIDs of what Twilio sent, by mark."""

    triggers: list[Seen] = field(default_factory=list)
    changes: dict[str, list[Change]] = field(default_factory=dict)
    sent: dict[str, dict[str, None]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


class Observer(threading.Thread):
    """Reads the control APIs of the stand-ins repeatedly, because they keep a limited history."""

    def __init__(self, environment: Environment, ledger: Ledger) -> None:
        super().__init__(name="witness", daemon=True)
        self._environment = environment
        self._ledger = ledger
        self._stopping = threading.Event()
        self._triggers = 0
        self._webhooks = 0
        self._last_callback = time.monotonic()
        self.evidence = Evidence()

    def run(self) -> None:
        """Read repeatedly until stopped."""
        while not self._stopping.wait(_EVERY):
            self._look()

    def stop(self) -> None:
        """Read once more, and stop."""
        self._stopping.set()
        self.join()
        self._look()
        for thing in NUMBERS:
            found = self._environment.openhab.changes(item(thing, _SID))
            self.evidence.changes[thing] = [Change(sid=str(one["state"]), at=float(str(one["at"]))) for one in found]

    def heard_nothing_from_twilio(self) -> bool:
        """Whether Twilio's stand-in has sent nothing for a while."""
        return time.monotonic() - self._last_callback > 3 * _EVERY

    def _look(self) -> None:
        for each in self._environment.openhab.triggers(since=self._triggers):
            self._triggers = int(str(each["n"]))
            channel = str(each["channel"])
            if channel.startswith("twilio:phone:"):
                key = key_of_trigger(channel, str(each["payload"]))
                items, thing = each["items"], channel.rpartition(":")[0]
                assert isinstance(items, dict)
                sid = str(items.get(item(thing, _SID), ""))
                self.evidence.triggers.append(Seen(key=key, at=float(str(each["at"])), sid=sid))
        for message in self._environment.twilio.messages(_SENT_LATEST):
            self._note(str(message["body"]), str(message["sid"]))
        for call in self._environment.twilio.calls(_SENT_LATEST):
            twiml = str(call["twiml"])
            self._note(twiml[twiml.find("act-") :].partition("<")[0], str(call["sid"]))
        self._callbacks()

    def _note(self, mark: str, sid: str) -> None:
        self.evidence.sent.setdefault(mark, {})[sid] = None

    def _callbacks(self) -> None:
        """The status callbacks of Twilio's stand-in: each answered one counts like any webhook."""
        waiting = False
        for exchange in self._environment.twilio.webhooks.sent(self._webhooks):
            self._last_callback = time.monotonic()
            waiting = waiting or not (exchange["status"] or exchange["error"])
            if waiting:
                break  # read again when this webhook has its answer
            self._webhooks = int(exchange["n"])
            self.evidence.counts["status callbacks of Twilio"] += 1
            if exchange["status"] == 200:
                self._ledger.tell(_told(exchange))


def _told(exchange: dict[str, Any]) -> Told:
    form, number = exchange["form"], int(exchange["n"])
    sid = form.get("MessageSid") or form["CallSid"]
    if exchange["endpoint"] == "sms":
        key = f"sms-received {sid}"
    elif "MessageSid" in form:
        key = f"message-status {sid} {form['MessageStatus']}"
    else:
        key = f"call-status-update {sid} {form['CallStatus']}"
    return Told(key=key, line=f"status of {sid}", number=number, urgent=False, began=0.0, accepted=1.0)
