"""Events of the stand-in and the bus that carries them, one thread, in order."""

from __future__ import annotations

import json
import queue
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_ESCAPES = {mark: f"\\u{ord(mark):04x}" for mark in "<>&='\u2028\u2029"}
_MARKS = re.compile("[" + "".join(_ESCAPES) + "]")


def gson(value: object) -> str:
    """JSON as openHAB's Gson writes it: compact, non-ASCII raw, `<>&='` and U+2028/2029 escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _MARKS.sub(lambda found: _ESCAPES[found.group()], text)


@dataclass(frozen=True, slots=True)
class BusEvent:
    """One event: its topic, its type and its payload before encoding."""

    topic: str
    type: str
    payload: object

    def frame(self) -> bytes:
        """The SSE frame; the payload is JSON inside JSON."""
        body = {"topic": self.topic, "payload": gson(self.payload), "type": self.type}
        return f"event: message\ndata: {gson(body)}\n\n".encode()


class Bus:
    """Carries out posted work one after the other, each `delay` seconds after it was posted."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._queue: queue.SimpleQueue[tuple[float, int, Callable[[], None]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._generation = 0

    def start(self) -> None:
        """Begin to carry out what is posted."""
        self._thread = threading.Thread(target=self._run, name="openhab-bus", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what is still posted is forgotten."""
        self.forget()
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def post(self, work: Callable[[], None]) -> None:
        """Have `work` done after everything that was posted before."""
        self._queue.put((time.monotonic() + self._delay, self._generation, work))

    def settle(self) -> None:
        """Wait until everything posted so far is done, and what that posted in turn: 2 ms are enough for both."""
        generation = self._generation
        for _ in range(2):
            done = threading.Event()
            self.post(done.set)
            while not done.wait(0.05) and generation == self._generation:
                pass

    def forget(self) -> None:
        """Let everything posted so far come to nothing, as a restart does."""
        self._generation += 1

    def _run(self) -> None:
        while (entry := self._queue.get()) is not None:
            due, generation, work = entry
            pause = due - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            if generation == self._generation:
                work()
