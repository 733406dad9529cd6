"""The connection to the MQTT broker, over openHAB's own transport: messages, announcements, actions and replies."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping

from openhab_twilio.java.jvm import JavaObject, attempt, jclass, optional, proxy, warning
from openhab_twilio.java.services import Services
from openhab_twilio.settings import ScriptSettings
from twilio_binding.protocol.announcement import GONE
from twilio_binding.protocol.commands import Command
from twilio_binding.protocol.pending_replies import PendingReplies
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.protocol.topics import Topics

_MQTT = "org.openhab.core.io.transport.mqtt."
_QOS = 1
_AT_ONCE = frozenset(("respondWithTwiml",))
"""Useless if late, so requested with QoS 0: an acknowledgement takes 40 ms with brokers that use Nagle's algorithm."""
_USEFUL = 300
"""Seconds after which a command is no longer carried out."""
_LEAST = 0.5
"""The minimum of seconds to wait for a reply."""
_FIRST_AGAIN, _AGAIN = 1000, 10_000
"""Milliseconds until a lost connection is opened again; openHAB's own delay is longer."""

MISSING = "openHAB's MQTT transport is missing: install the MQTT binding"


class TransportConnection:
    """One connection; `start` creates it, unless a `connection` is given.

    `on_message` gets topic and text of each message; `on_state` gets "", or the reason why no messages can arrive.
    """

    def __init__(
        self,
        services: Services,
        settings: ScriptSettings,
        client: str,
        *,
        on_state: Callable[[str], None],
        on_message: Callable[[str, str], None],
        connection: JavaObject | None = None,
    ) -> None:
        self.topics = Topics(base=settings.base_topic)
        self.client = client
        self._services = services
        self._settings = settings
        self._on_state = on_state
        self._on_message = on_message
        self._pending = PendingReplies()
        # Set when it is known whether the broker can be reached, because a rule may request an action while the script starts.
        self._settled = threading.Event()
        if connection is not None:
            self._settled.set()
        self._connection = connection

    @property
    def is_started(self) -> bool:
        """Whether there is a transport, which keeps the connection up."""
        return self._connection is not None

    def start(self) -> bool:
        """Begin to connect; False if openHAB has no MQTT transport (yet)."""
        factory = optional(_MQTT + "MqttBrokerConnection")
        if factory is None:
            self._on_state(MISSING)
            return False
        broker = self._settings.broker
        connection = factory(broker.host, broker.port, broker.tls, f"twilio-{self.client}")
        connection.setQos(_QOS)
        if broker.username:
            connection.setCredentials(broker.username, broker.password or "")
        will = jclass(_MQTT + "MqttWillAndTestament")(self.topics.bridge, GONE, _QOS, True)
        connection.setLastWill(will)
        again = optional(_MQTT + "reconnect.PeriodicReconnectStrategy")
        if again is not None:
            connection.setReconnectStrategy(again(_AGAIN, _FIRST_AGAIN))
        observer = self._services.load(_MQTT + "MqttConnectionObserver")
        connection.addConnectionObserver(proxy(observer, self, "twilio-mqtt-observer"))
        subscriber = proxy(self._services.load(_MQTT + "MqttMessageSubscriber"), self, "twilio-mqtt-subscriber")
        topics = self.topics
        for topic in (topics.status, topics.things, topics.bridge, topics.inbox, topics.reply(self.client, "+")):
            connection.subscribe(topic, subscriber)
        self._connection = connection
        connection.start()
        return True

    def stop(self) -> None:
        """Announce that the script is gone, and disconnect; returns within a few seconds."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        seconds = jclass("java.util.concurrent.TimeUnit").SECONDS
        if self.is_connected(connection):
            attempt(
                "withdrawing the announcement",
                lambda: connection.publish(self.topics.bridge, GONE, _QOS, True).get(2, seconds),
            )
        attempt("disconnecting from the broker", lambda: connection.stop().get(5, seconds))

    @staticmethod
    def is_connected(connection: JavaObject) -> bool:
        """Whether a connection is up now."""
        return str(connection.connectionState().name()) == "CONNECTED"

    def publish(self, topic: str, payload: bytes, *, qos: int = _QOS, retain: bool = False) -> bool:
        """Pass a message to the connection; False if it is down."""
        connection = self._connection
        if connection is None or not self.is_connected(connection):
            return False
        return attempt("publishing", lambda: connection.publish(topic, payload, qos, retain))

    def request(self, thing: str, action: str) -> bool:
        """Send the service a request without waiting for the outcome; False when the connection is down."""
        request = Request(thing=thing, action=action, args={}, id=os.urandom(16).hex(), deadline=time.time() + 60)
        return self.publish(self.topics.action(thing, action), request.encode())

    def command(self, thing: str, channel: str, value: str) -> None:
        """Send the service a command to a channel; it also sees it on openHAB's event stream, and carries it out once."""
        command = Command(
            thing=thing, channel=channel, value=value, id=os.urandom(16).hex(), deadline=time.time() + _USEFUL
        )
        if not self.publish(self.topics.command(thing, channel), command.encode()):
            warning(f"a command to {channel} of {thing} was not sent: not connected to the MQTT broker")

    def ask(self, thing: str, action: str, args: Mapping[str, object], waited: float = 0.0) -> Reply:
        """Request an action from the service, and wait for its reply as long as the settings permit.

        The rule has waited for `waited` seconds before, which count.
        """
        patience = max(_LEAST, self._settings.patience - waited)
        if self._connection is not None:
            self._settled.wait(patience)
        call = os.urandom(16).hex()
        request = Request(
            thing=thing,
            action=action,
            args={name: value for name, value in args.items() if value is not None},
            id=call,
            reply_to=self.topics.reply(self.client, call),
            deadline=time.time() + patience,
        )
        with self._pending.expect(call) as pending:
            qos = 0 if action in _AT_ONCE else _QOS
            if not self.publish(self.topics.action(thing, action), request.encode(), qos=qos):
                text = "not connected to the MQTT broker; nothing was sent"
                return Reply(id=call, ok=False, code="broker_away", message=text, retryable=True)
            text = "the service did not answer in time; it may still carry out the action"
            return pending.wait(patience) or Reply(id=call, ok=False, code="timeout", message=text)

    def connectionStateChanged(self, state: JavaObject, error: JavaObject | None) -> None:
        """Handle that the connection went up or down."""
        name = str(state.name())
        if name == "CONNECTED":
            self._settled.set()
            self._on_state("")
        elif name == "DISCONNECTED":
            self._settled.set()
            # Only Java can create the text of a Java error; GraalPy cannot.
            cause = f" ({error.toString()})" if error is not None else ""
            self._on_state(f"The MQTT broker {self._settings.broker.host} cannot be reached{cause}")

    def processMessage(self, topic: str, payload: JavaObject) -> None:
        """Handle a message."""
        text = str(jclass("java.lang.String")(payload, "UTF-8"))
        name = str(topic)
        if name.startswith(self.topics.reply(self.client, "")):
            self._pending.came(name, text)
        else:
            self._on_message(name, text)
