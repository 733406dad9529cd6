"""A stand-in for Twilio's REST API that tests control."""

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
    """One send that arrived, and its recipient."""

    account: str
    phone: str
    send: Send
    to: str
    callback: str | None


@dataclass(frozen=True, slots=True)
class Lost:
    """Twilio accepts the send, but its answer is lost: `error` is what the sender sees."""

    error: Exception


class ScriptedGateway(Gateway):
    """Each send takes the next entry of `sends`, each look-up the next of `finds`; without one, it succeeds.

    While `open` is cleared, sends wait at Twilio. A look-up also finds sends that are `slack` seconds older.
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
        """Accept a message or a call, or do what the script says."""
        with self._lock:
            asked = Asked(account.uid, phone.uid, send, to, callback)
            self.asked.append(asked)
            step = self.sends.popleft() if self.sends else None
        self.open.wait(60)
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
        """What this phone sent to `to` since a time, oldest first."""
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
