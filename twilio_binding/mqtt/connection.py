"""A connection to the broker that reconnects by itself."""

from __future__ import annotations

import threading
import time
from math import inf

from twilio_binding import tls
from twilio_binding.clock import Backoff, left
from twilio_binding.mqtt.address import parse_broker_url
from twilio_binding.mqtt.broker_state import BrokerState
from twilio_binding.mqtt.conversation import Conversation
from twilio_binding.mqtt.dialect import Dialect
from twilio_binding.mqtt.messages import Message, Will
from twilio_binding.mqtt.outgoing import BrokerTerms, Publish
from twilio_binding.mqtt.wire import Session, Wire
from twilio_binding.subscribers import Subscribers

_GREETING = 3.0
"""Seconds for the broker to answer CONNECT."""
_LASTING = 2.0
"""Seconds after which a connection counts as working: when it ends, the next attempt is immediate."""
_TICK = 1.0


class BrokerConnection:
    """One connection with a session: with `session_seconds`, QoS 1 messages that arrive while it is broken come later.

    MQTT 5 if the broker supports it, otherwise 3.1.1. With `keeps`, a message arrives again on the next connection
    until its `taken` is called. Subscribers are called on the connection's thread, outside of paho, so they can publish
    and subscribe. Raises `BadBrokerURLError` and `CAFileError`.
    """

    connected: Subscribers[[]]
    """Notified of a new connection: subscribe now."""
    received: Subscribers[Message]
    """Notified of each message."""
    failed: Subscribers[str]
    """Notified with the reason when the broker cannot be used for a new reason."""
    ticked: Subscribers[[]]
    """Notified about every second while the connection is up."""
    publish: Publish
    """Publishes with QoS 1; the message waits while the connection is down."""

    def __init__(
        self,
        url: str,
        *,
        client_id: str,
        will: Will | None = None,
        session_seconds: int = 0,
        keeps: bool = False,
        ca_file: str = "",
    ) -> None:
        address = parse_broker_url(url)
        dialect = Dialect()
        self._state = BrokerState(place=f"mqtt.url is {address}")
        self._conversation = Conversation(self._state, dialect, keeps=keeps)
        session = Session(client_id=client_id, seconds=session_seconds, keeps=keeps, will=will)
        self._wire = Wire(address, session, dialect, ca_file=ca_file, bind=self._conversation.bind)
        self._conversation.taken_over.subscribe(self._wire.rename)
        self._thread = _ConnectionThread(f"mqtt-{client_id}", self._wire, self._conversation, self._state)
        self.connected, self.received = self._conversation.connected, self._conversation.received
        self.failed, self.ticked = self._state.failed, self._thread.ticked
        self.subscriptions = self._conversation.subscriptions
        self.publish = self._conversation.outgoing.publish

    @property
    def is_connected(self) -> bool:
        """Whether the broker can be used now."""
        return self._state.is_up

    @property
    def is_down(self) -> bool:
        """Whether the last attempt to connect failed."""
        return self._state.is_down

    @property
    def reason(self) -> str:
        """Why the broker cannot be used, "" while it can."""
        return self._state.reason

    @property
    def terms(self) -> BrokerTerms:
        """What the broker said when it last connected."""
        return self._conversation.outgoing.terms

    def start(self) -> None:
        """Start connecting; the broker may be down."""
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait until connected; returns whether it is."""
        return self._state.wait(seconds)

    def stop(self, until: float = inf) -> None:
        """Disconnect and stop."""
        self._thread.stop(until)

    def rename(self) -> None:
        """Reconnect under another client id; for the connection's thread."""
        self._wire.rename()
        self._wire.client.disconnect()

    def subscribe(self, *topics: str) -> None:
        """Subscribe with QoS 1, again and again if the broker refuses; must be repeated on each connection."""
        self.subscriptions.subscribe(topics, self._wire.client.subscribe)

    def unsubscribe(self, *topics: str) -> None:
        """Receive nothing more on these topics."""
        self.subscriptions.forget(topics)
        self._wire.client.unsubscribe(list(topics))


class _ConnectionThread:
    """Connects until it is stopped, with growing pauses between failed attempts."""

    ticked: Subscribers[[]]
    """Notified about every second while the connection is up."""

    def __init__(self, name: str, wire: Wire, conversation: Conversation, state: BrokerState) -> None:
        self._wire = wire
        self._conversation = conversation
        self._state = state
        self._backoff = Backoff(0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.ticked = Subscribers()

    def start(self) -> None:
        """Start connecting."""
        self._thread.start()

    def stop(self, until: float) -> None:
        """Disconnect and stop."""
        self._state.stopping.set()
        self._wire.client.disconnect()
        if self._thread.ident is not None:
            self._thread.join(left(until))
        if not self._thread.is_alive():
            self._wire.client.release()

    def _run(self) -> None:
        while not self._state.stopping.is_set():
            began = time.monotonic()
            self._attempt()
            self._wire.client.work_off()
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
            # AttributeError and ValueError are paho's errors for a socket that another thread has closed.
            lost = error if isinstance(error, OSError) else ConnectionError()
            self._state.blame(f"the broker does not answer ({tls.explain(lost, 'mqtt.ca_file')})")
        else:
            self._wire.client.work_off()
            if not self._state.has_greeted and not self._state.stopping.is_set():
                self._wire.rejected()

    def _serve(self) -> None:
        """Work until the connection ends, or the broker has not greeted in time."""
        began = ticked = time.monotonic()
        while not self._state.stopping.is_set() and self._wire.work(1.0):
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
        """Let the last packets (offline, DISCONNECT) leave."""
        for _ in range(10):
            if not self._wire.work(0.1):
                return
