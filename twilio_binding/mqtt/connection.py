"""A connection to the broker that comes back by itself."""

from __future__ import annotations

from twilio_binding.mqtt.address import parse_broker_url
from twilio_binding.mqtt.broker_state import BrokerState
from twilio_binding.mqtt.connection_thread import ConnectionThread
from twilio_binding.mqtt.conversation import Conversation
from twilio_binding.mqtt.dialect import Dialect
from twilio_binding.mqtt.messages import Message, Will
from twilio_binding.mqtt.outgoing import Publish
from twilio_binding.mqtt.wire import Session, Wire
from twilio_binding.subscribers import Subscribers


class BrokerConnection:
    """One connection with a session: with `session_seconds` what is published to us with QoS 1 while it is broken comes later.

    MQTT 5 where the broker knows it, else 3.1.1. With `keeps` a message comes again on the next connection until its `taken`
    was called. Subscribers are called on the connection's own thread, outside of paho, so that they may publish and
    subscribe. Raises `BadBrokerURLError` and `CAFileError`.
    """

    connected: Subscribers[[]]
    """A connection was made: subscribe now."""
    received: Subscribers[Message]
    """A message has come."""
    failed: Subscribers[str]
    """Why the broker cannot be used, whenever that is another reason."""
    ticked: Subscribers[[]]
    """About a second has passed with the connection up."""
    publish: Publish
    """Publishes with QoS 1; while the connection is down the message waits for it."""

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
        self._thread = ConnectionThread(f"mqtt-{client_id}", self._wire, self._conversation, self._state)
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

    def start(self) -> None:
        """Begin to connect; the broker may come later."""
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait until connected; whether that is so."""
        return self._state.wait(seconds)

    def stop(self) -> None:
        """Disconnect properly and end."""
        self._thread.stop()

    def rename(self) -> None:
        """Connect again under another client id; for the connection's thread."""
        self._wire.rename()
        self._wire.client.disconnect()

    def subscribe(self, *topics: str) -> None:
        """Subscribe with QoS 1, again and again where the broker refuses; to be repeated on each connection."""
        self.subscriptions.subscribe(topics, self._wire.client.subscribe)

    def unsubscribe(self, *topics: str) -> None:
        """Receive nothing of these topics any more."""
        self.subscriptions.forget(topics)
        self._wire.client.unsubscribe(list(topics))
