"""The webhooks and requests that were sent, each with a mark of its own, to be compared with what arrived."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from twilio_binding.protocol.replies import Reply


@dataclass(slots=True, eq=False, kw_only=True)
class Told:
    """One webhook. `line` is who tells its own webhooks one after the other, `accepted` when it was answered 2xx.

    `key` is how its trigger shows in openHAB; `is_long` says that its text is too long for the broker. Times are monotonic seconds.
    """

    key: str
    line: str
    number: int
    urgent: bool
    began: float
    accepted: float = 0.0
    copies: int = 0
    forged: bool = False
    is_long: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class Asked:
    """One action, and the replies that came. `mark` is in what Twilio is to send."""

    id: str
    action: str
    mark: str
    began: float
    tries: int = 0
    replies: list[Reply] = field(default_factory=list)

    @property
    def answer(self) -> Reply | None:
        """The first reply that says how it ended; None while there is none."""
        return next((reply for reply in tuple(self.replies) if reply.code != "internal"), None)


class Quota:
    """How much is still to be done, spread evenly over some seconds."""

    def __init__(self, number: int, seconds: float) -> None:
        self.number = number
        self._every = seconds / max(1, number)
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._stop = threading.Event()
        self.taken = 0

    def take(self) -> bool:
        """Wait for the next one; False when there are no more."""
        with self._lock:
            if self.taken >= self.number:
                return False
            self.taken += 1
            due = self._began + self.taken * self._every
        return not self._stop.wait(max(0.0, due - time.monotonic()))

    def stop(self) -> None:
        """There are no more."""
        self._stop.set()
        self.number = 0

    @property
    def stopped(self) -> threading.Event:
        """Set when everything is to end."""
        return self._stop


class Ledger:
    """All of it, and what callers heard that they must not hear."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.told: dict[str, Told] = {}
        self.asked: dict[str, Asked] = {}
        self.short_forms: list[str] = []
        self.broken: list[str] = []
        self.counts: Counter[str] = Counter()
        self.silences: list[float] = []

    def tell(self, told: Told) -> Told:
        """Note a webhook that is going to be sent."""
        with self._lock:
            self.told[told.key] = told
        return told

    def ask(self, asked: Asked) -> Asked:
        """Note an action that is going to be asked for."""
        with self._lock:
            self.asked[asked.id] = asked
        return asked

    def breach(self, text: str) -> None:
        """Note a promise that was broken before anybody's eyes."""
        with self._lock:
            self.broken.append(text)

    def count(self, what: str, number: int = 1) -> None:
        """Count something that the report shows."""
        with self._lock:
            self.counts[what] += number

    def held(self, seconds: float) -> None:
        """Note how long a caller waited for an answer."""
        with self._lock:
            self.silences.append(seconds)


def key_of_trigger(channel: str, payload: str) -> str:
    """The key of the webhook that a trigger event is about."""
    body = json.loads(payload)
    name = channel.rpartition(":")[2]
    more = {"message-status": "messageStatus", "call-status-update": "callStatus", "dtmf-received": "digits"}.get(name)
    sid = body.get("messageSid") or body.get("callSid")
    return f"{name} {sid}" + (f" {body[more]}" if more else "")
