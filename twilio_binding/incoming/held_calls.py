"""Held calls: requests of Twilio that wait for a rule's TwiML.

Each has an id of our own. Exactly one of rule, deadline, hang-up and shutdown wins, or the default if nobody can answer
any more. Later answers are refused with a reason.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Literal, TypeVar

Winner = Literal["rule", "deadline", "hang-up", "shutdown", "default"]
Verdict = Literal["answered", "too_late", "unknown_call"]

_REMEMBERED = 10_000
_ANSWERS = 8 * 1024 * 1024
"""Maximum characters of TwiML remembered for second copies of answered requests; the journal has the others."""
_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(slots=True, eq=False)
class HeldCall:
    """One held request; several copies of it may wait together."""

    id: int
    thing: str
    call_sid: str
    key: str
    lasting: bool
    deadline: float
    is_heard: Callable[[], bool] = lambda: True
    done: threading.Event = field(default_factory=threading.Event)
    winner: Winner | None = None
    twiml: str = ""


class HeldCalls:
    """All held requests of the process. Thread-safe.

    `clock` is monotonic, in seconds. At most `limit` requests are held at a time.
    """

    def __init__(self, *, limit: int = 2000, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._ids = count(1)
        self._by_key: dict[str, HeldCall] = {}
        self._by_call: dict[tuple[str, str], deque[HeldCall]] = {}
        self._over: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._verdicts: OrderedDict[tuple[str, str, str], Verdict] = OrderedDict()
        self._lasting: OrderedDict[str, HeldCall] = OrderedDict()
        self._answers = 0
        self._closed = False

    def __len__(self) -> int:
        """The number of held requests."""
        return len(self._by_key)

    def hold(
        self,
        *,
        thing: str,
        call_sid: str,
        key: str,
        lasting: bool,
        seconds: float,
        is_heard: Callable[[], bool] = lambda: True,
    ) -> tuple[HeldCall | None, bool]:
        """Hold a request, or join the waiting one with the same `key`; if `lasting`, also an answered one.

        Returns it, and whether it is new; None if no more can be held. `is_heard` returns whether anybody may answer
        it.
        """
        with self._lock:
            held = self._by_key.get(key) or self._lasting.get(key)
            if held is not None:
                return held, False
            if self._closed or len(self._by_key) >= self._limit:
                return None, True
            held = HeldCall(next(self._ids), thing, call_sid, key, lasting, self._clock() + seconds, is_heard)
            self._by_key[key] = held
            self._by_call.setdefault((thing, call_sid), deque()).append(held)
            return held, True

    def wait(self, held: HeldCall) -> Winner:
        """Wait until there is an answer; at the deadline, the deadline wins."""
        if not held.done.wait(max(0.0, held.deadline - self._clock())):
            self._settle(held, "deadline")
        assert held.winner is not None  # noqa: S101 - settled, by us or by who was faster
        return held.winner

    def answer(self, *, thing: str, call_sid: str, twiml: str, request_id: str = "") -> Verdict:
        """Give a rule's TwiML to the oldest held request of the call.

        A repeated request id gets the same verdict again, and answers nothing else.
        """
        request = (thing, call_sid, request_id)
        with self._lock:
            verdict = self._verdicts.get(request)
            if verdict is None:
                verdict = self._answer((thing, call_sid), twiml)
                if request_id and verdict != "unknown_call":
                    _remember(self._verdicts, request, verdict)
            return verdict

    def release(self, held: HeldCall, twiml: str = "") -> None:
        """Release a request for which its first copy does not wait; others get `twiml`, or the default."""
        with self._lock:
            if held.winner is None:
                held.twiml = twiml
                self._finish(held, "rule" if twiml else "deadline")

    def hang_up(self, *, thing: str, call_sid: str) -> int:
        """Release the held requests of a call that is over; returns their number."""
        with self._lock:
            waiting = tuple(self._by_call.get((thing, call_sid), ()))
            for held in waiting:
                self._finish(held, "hang-up")
        return len(waiting)

    def review(self) -> int:
        """Release the requests that nobody can answer any more; returns their number."""
        with self._lock:
            waiting = tuple(self._by_key.values())
        unheard = [held for held in waiting if not held.is_heard()]
        for held in unheard:
            self._settle(held, "default")
        return len(unheard)

    def close(self) -> int:
        """Answer every held request with its default, and hold no more; returns their number."""
        with self._lock:
            self._closed = True
            waiting = tuple(self._by_key.values())
            for held in waiting:
                self._finish(held, "shutdown")
        return len(waiting)

    def _answer(self, call: tuple[str, str], twiml: str) -> Verdict:
        waiting = self._by_call.get(call)
        if not waiting:
            return "too_late" if call in self._over else "unknown_call"
        held = waiting[0]
        held.twiml = twiml
        self._finish(held, "rule")
        return "answered"

    def _settle(self, held: HeldCall, winner: Winner) -> None:
        with self._lock:
            if held.winner is None:
                self._finish(held, winner)

    def _finish(self, held: HeldCall, winner: Winner) -> None:
        held.winner = winner
        call = (held.thing, held.call_sid)
        del self._by_key[held.key]
        waiting = self._by_call[call]
        waiting.remove(held)
        if not waiting:
            del self._by_call[call]
        _remember(self._over, call, None)
        if held.lasting:
            forgotten = _remember(self._lasting, held.key, held)
            self._answers += len(held.twiml) - len(forgotten.twiml if forgotten else "")
            while self._answers > _ANSWERS:
                self._answers -= len(self._lasting.popitem(last=False)[1].twiml)
        held.done.set()


def _remember(memory: OrderedDict[_K, _V], key: _K, value: _V) -> _V | None:
    """Remember a value by its key; returns what was dropped for it."""
    memory[key] = value
    memory.move_to_end(key)
    return memory.popitem(last=False)[1] if len(memory) > _REMEMBERED else None
