"""The sent webhooks and requests, each with its own mark, for comparison with what arrived."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from twilio_binding.protocol.replies import Reply


@dataclass(slots=True, eq=False, kw_only=True)
class Told:
    """One webhook. `line` is a sender whose webhooks are sent one after the other; `accepted` is when it was answered 2xx.

    `key` identifies its trigger in openHAB; `is_long`: its text is too long for the broker. Times are in monotonic
    seconds.
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
    """One action, and its replies. `mark` is in the text for Twilio."""

    id: str
    action: str
    mark: str
    began: float
    tries: int = 0
    replies: list[Reply] = field(default_factory=list)

    @property
    def answer(self) -> Reply | None:
        """The first reply with an outcome; None if there is none yet."""
        return next((reply for reply in tuple(self.replies) if reply.code != "internal"), None)


class Quota:
    """The amount of remaining work, evenly distributed over some seconds."""

    def __init__(self, number: int, seconds: float) -> None:
        self.number = number
        self._every = seconds / max(1, number)
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._stop = threading.Event()
        self.taken = 0

    def take(self) -> bool:
        """Wait for the next one; False if there are no more."""
        with self._lock:
            if self.taken >= self.number:
                return False
            self.taken += 1
            due = self._began + self.taken * self._every
        return not self._stop.wait(max(0.0, due - time.monotonic()))

    def stop(self) -> None:
        """End the quota."""
        self._stop.set()
        self.number = 0

    @property
    def stopped(self) -> threading.Event:
        """Set when everything should end."""
        return self._stop


class Ledger:
    """All webhooks and actions, and what callers heard that they must not hear."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.told: dict[str, Told] = {}
        self.asked: dict[str, Asked] = {}
        self.short_forms: list[str] = []
        self.broken: list[str] = []
        self.counts: Counter[str] = Counter()
        self.silences: list[float] = []

    def tell(self, told: Told) -> Told:
        """Note a webhook before it is sent."""
        with self._lock:
            self.told[told.key] = told
        return told

    def ask(self, asked: Asked) -> Asked:
        """Note an action before it is requested."""
        with self._lock:
            self.asked[asked.id] = asked
        return asked

    def breach(self, text: str) -> None:
        """Note a promise that was visibly broken."""
        with self._lock:
            self.broken.append(text)

    def count(self, what: str, number: int = 1) -> None:
        """Count something for the report."""
        with self._lock:
            self.counts[what] += number

    def held(self, seconds: float) -> None:
        """Note how long a caller waited for an answer."""
        with self._lock:
            self.silences.append(seconds)


def key_of_trigger(channel: str, payload: str) -> str:
    """The key of the webhook to which a trigger event belongs."""
    body = json.loads(payload)
    name = channel.rpartition(":")[2]
    more = {"message-status": "messageStatus", "call-status-update": "callStatus", "dtmf-received": "digits"}.get(name)
    sid = body.get("messageSid") or body.get("callSid")
    return f"{name} {sid}" + (f" {body[more]}" if more else "")
