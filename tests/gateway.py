"""A stand-in for Twilio's REST API that does what a test tells it to."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from twilio_binding.model.actions import Send
from twilio_binding.model.things import Account, Phone
from twilio_binding.outgoing.ports import Gateway, Sent


@dataclass(frozen=True, slots=True)
class Asked:
    """One send that arrived, and whom it was for."""

    account: str
    phone: str
    send: Send
    to: str
    callback: str | None


@dataclass(frozen=True, slots=True)
class Lost:
    """Twilio takes the send, and its answer is lost on the way: `error` is what the sender sees."""

    error: Exception


class ScriptedGateway(Gateway):
    """Each send takes the next entry of `sends`, each look-up the next of `finds`; without one, all goes well.

    `open` is a door: while it is closed, sends wait at Twilio. A look-up finds what is `slack` seconds older, too.
    """

    def __init__(self) -> None:
        self.sends: deque[Exception | Lost | None] = deque()
        self.finds: deque[Exception | None] = deque()
        self.asked: list[Asked] = []
        self.looked: list[float] = []
        self.taken: list[tuple[float, Asked, Sent]] = []
        self.open = threading.Event()
        self.open.set()
        self.ahead = 0.0
        self.slack = 0.0
        self._lock = threading.Lock()

    def send(self, account: Account, phone: Phone, send: Send, to: str, *, callback: str | None) -> Sent:
        """Take a message or a call, or do what the script says."""
        with self._lock:
            asked = Asked(account.uid, phone.uid, send, to, callback)
            self.asked.append(asked)
            step = self.sends.popleft() if self.sends else None
        self.open.wait(10)
        if isinstance(step, Exception):
            raise step
        with self._lock:
            sent = Sent(sid=f"SM{len(self.taken) + 1}", status="queued")
            self.taken.append((self.now(), asked, sent))
        if isinstance(step, Lost):
            raise step.error
        return sent

    def now(self) -> float:
        """Twilio's clock, `ahead` of ours."""
        return time.time() + self.ahead

    def find(self, account: Account, phone: Phone, send: Send, to: str, *, since: float) -> Sequence[Sent]:
        """What was taken from this phone for `to` since then, oldest first."""
        with self._lock:
            self.looked.append(since)
            step = self.finds.popleft() if self.finds else None
            if step is not None:
                raise step
            return [
                sent
                for at, asked, sent in self.taken
                if (asked.account, asked.phone, asked.to) == (account.uid, phone.uid, to)
                and type(asked.send) is type(send)
                and at >= since - self.slack
            ]
