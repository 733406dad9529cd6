"""The thread that connects to the broker, works, and connects again."""

from __future__ import annotations

import threading
import time

from twilio_binding import tls
from twilio_binding.clock import Backoff
from twilio_binding.mqtt.broker_state import BrokerState
from twilio_binding.mqtt.conversation import Conversation
from twilio_binding.mqtt.wire import Wire
from twilio_binding.subscribers import Subscribers

_GREETING = 3.0
"""Seconds that a broker may take to answer CONNECT."""
_LASTING = 2.0
"""Seconds after which a connection counts as one that works: the next is made at once when it ends."""
_TICK = 1.0


class ConnectionThread:
    """Connects until it is stopped, with growing pauses between attempts that fail."""

    ticked: Subscribers[[]]
    """About a second has passed with the connection up."""

    def __init__(self, name: str, wire: Wire, conversation: Conversation, state: BrokerState) -> None:
        self._wire = wire
        self._conversation = conversation
        self._state = state
        self._backoff = Backoff(0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.ticked = Subscribers()

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def stop(self) -> None:
        """Disconnect properly and end."""
        self._state.stopping.set()
        self._wire.client.disconnect()
        if self._thread.ident is not None:
            self._thread.join(10)
        if not self._thread.is_alive():
            self._wire.client.release()

    def _run(self) -> None:
        while not self._state.stopping.is_set():
            began = time.monotonic()
            self._attempt()
            self._conversation.notes.work_off()
            self._state.happened("end")
            self._conversation.outgoing.cut()
            if self._state.has_greeted and time.monotonic() > began + _LASTING:
                self._backoff.succeeded()
            self._state.stopping.wait(self._backoff.failed())
        self._drain()

    def _attempt(self) -> None:
        """Connect, and work until the connection ends."""
        self._state.happened("open")
        try:
            self._wire.open()
            self._serve()
        except (OSError, AttributeError, ValueError) as error:
            # AttributeError and ValueError: paho's words for a socket that another thread has closed.
            self._state.blame(f"the broker does not answer ({tls.explain(error, 'mqtt.ca_file')})")
        else:
            self._conversation.notes.work_off()
            if not self._state.has_greeted and not self._state.stopping.is_set():
                self._wire.rejected()

    def _serve(self) -> None:
        """Work until the connection ends, or the broker has not greeted in time."""
        began = ticked = time.monotonic()
        while not self._state.stopping.is_set() and self._wire.work(1.0):
            self._conversation.notes.work_off()
            now = time.monotonic()
            if now < ticked + _TICK:
                continue
            ticked = now
            if self._state.is_opening and now > began + _GREETING:
                return
            if self._state.is_up:
                self._conversation.tick()
                self.ticked.notify()

    def _drain(self) -> None:
        """The last packets (offline, DISCONNECT) still have to leave."""
        for _ in range(10):
            if not self._wire.work(0.1):
                return
