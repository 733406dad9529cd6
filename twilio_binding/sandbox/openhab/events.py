"""Events of the stand-in, and the bus: one thread that delivers them in order."""

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
    """JSON as openHAB's Gson writes it: compact, with `<>&='` and U+2028/2029 escaped, and no other non-ASCII character."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _MARKS.sub(lambda found: _ESCAPES[found.group()], text)


@dataclass(frozen=True, slots=True)
class BusEvent:
    """One event: its topic, its type and its payload before encoding."""

    topic: str
    type: str
    payload: object

    def frame(self) -> bytes:
        """The event as a frame of an SSE stream. The payload is JSON inside JSON."""
        body = {"topic": self.topic, "payload": gson(self.payload), "type": self.type}
        return f"event: message\ndata: {gson(body)}\n\n".encode()


class Bus:
    """Carries out the posted work in order, each piece `delay` seconds after it was posted."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._queue: queue.SimpleQueue[tuple[float, int, Callable[[], None]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._generation = 0

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name="openhab-bus", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, and drop what was not carried out."""
        self.forget()
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def post(self, work: Callable[[], None]) -> None:
        """Carry out `work` after everything that was posted before it."""
        self._queue.put((time.monotonic() + self._delay, self._generation, work))

    def settle(self) -> None:
        """Wait until everything that was posted is done, and what it posted itself. On openHAB, both take less than 2 ms."""
        generation = self._generation
        for _ in range(2):
            done = threading.Event()
            self.post(done.set)
            while not done.wait(0.05) and generation == self._generation:
                pass

    def forget(self) -> None:
        """Drop everything that was posted, as a restart does."""
        self._generation += 1

    def _run(self) -> None:
        while (entry := self._queue.get()) is not None:
            due, generation, work = entry
            pause = due - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            if generation == self._generation:
                work()
