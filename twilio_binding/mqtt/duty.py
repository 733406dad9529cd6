"""What the service does at the broker while it is active or on standby, and how it handles messages by topic."""

from __future__ import annotations

import threading
from collections import deque

import structlog

from twilio_binding.mqtt.answers import ANSWER, Answers
from twilio_binding.mqtt.commands import ChannelCommands
from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.mqtt.documents import Documents
from twilio_binding.mqtt.listening import Programs
from twilio_binding.mqtt.messages import Message
from twilio_binding.mqtt.presence import Presence, State
from twilio_binding.mqtt.probe import Probe
from twilio_binding.mqtt.requests import Requests
from twilio_binding.mqtt.self_report import SelfReport
from twilio_binding.protocol.announcement import Announcement
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.topics import Topics
from twilio_binding.subscribers import Subscribers

_log = structlog.get_logger(__name__)

_MOST_ANNOUNCED = 64 * 1024


def is_acting(connection: BrokerConnection, presence: Presence) -> bool:
    """Whether the service is active on this connection."""
    return connection.is_connected and presence.state == "acting"


class Duty:
    """Follows the connection and which service is active. Everything except `acts` and `stop` is for the connection's thread."""

    begun: Subscribers[[]]
    """Notified when this service is active: requests arrive, and deliveries are possible."""

    def __init__(
        self,
        topics: Topics,
        connection: BrokerConnection,
        presence: Presence,
        *,
        report: SelfReport,
        reception: Reception,
        documents: Documents,
    ) -> None:
        self._topics = topics
        self._service, self._status = topics.service, topics.status
        self._connection = connection
        self._presence = presence
        self._report = report
        self._reception = reception
        self._documents = documents
        self._stopping = threading.Event()
        self._hears_commands = False
        self.begun = Subscribers()
        connection.connected.subscribe(self._connected)
        connection.received.subscribe(self._received)
        connection.ticked.subscribe(self._tick)
        presence.changed.subscribe(self._changed)

    @property
    def acts(self) -> bool:
        """Whether this service is active."""
        return is_acting(self._connection, self._presence)

    def stop(self) -> None:
        """Publish that the service is offline, and ignore announcements of others."""
        self._stopping.set()
        if self.acts:
            self._report.offline()

    def listen_to_commands(self) -> None:
        """Subscribe to commands once a channel accepts them: older access lists may not permit the topic."""
        wanted = self._reception.commands.wanted()
        if wanted and not self._hears_commands:
            self._connection.subscribe(self._topics.commands)
        elif self._hears_commands and not wanted:
            self._connection.unsubscribe(self._topics.commands)
        self._hears_commands = wanted

    def _connected(self) -> None:
        self._reception.connected()
        self._connection.subscribe(self._topics.service, self._topics.status)
        self._presence.connected()

    def _changed(self, state: State) -> None:
        topics = (self._topics.actions, self._topics.listeners, self._topics.bridge)
        self._hears_commands = False
        if state == "waiting":
            self._connection.unsubscribe(*topics, self._topics.commands)
            self._reception.end()
            return
        self._report.online()
        self._connection.subscribe(*topics)
        self.listen_to_commands()
        self._documents.publish()
        self._reception.begin()
        self.begun.notify()

    def _tick(self) -> None:
        self._presence.tick()
        if self.acts:
            self.listen_to_commands()
            self._documents.tick()
            self._reception.tick()
            self._report.repeat(self._presence)

    def _received(self, message: Message) -> None:
        if message.topic == self._service and not self._stopping.is_set():
            self._presence.heard(message.payload, retained=message.retained)
        elif message.topic == self._status:
            self._hear_status(message.payload)
        elif self._presence.state == "acting":
            self._reception.take(message)
            return
        elif self._presence.state == "asking":
            self._reception.keep(message)
            return
        message.taken()

    def _hear_status(self, payload: bytes) -> None:
        if payload != b"offline" or self._stopping.is_set():
            return
        if self._presence.state == "acting":
            # The last will of a service that has left, or of our own previous connection.
            self._report.online()
        else:
            self._presence.left()


class Reception:
    """Dispatches messages. Messages wait until it is known which service is active. For the connection's thread."""

    announced: Subscribers[Announcement | None]
    """The announcement of the script inside openHAB; None when it has gone."""

    def __init__(
        self,
        topics: Topics,
        requests: Requests,
        commands: ChannelCommands,
        *,
        answers: Answers,
        programs: Programs,
        probe: Probe,
    ) -> None:
        self._probe_topic, self._script_topic = topics.probe, topics.bridge
        self._action_prefix, self._listener_prefix = f"{topics.base}/action/", f"{topics.base}/listener/"
        self._requests = requests
        self.commands = commands
        self._answers = answers
        self._programs = programs
        self._probe = probe
        self._early: deque[Message] = deque()
        self.announced = Subscribers()

    def begin(self) -> None:
        """Become active."""
        self._probe.begin()
        while self._early:
            self.take(self._early.popleft())

    def connected(self) -> None:
        """Handle a new connection: messages without a receipt arrive again on it, and must not be taken twice."""
        self._early = deque(message for message in self._early if not message.comes_again)

    def end(self) -> None:
        """Stop being active; pending messages are for the other service."""
        self._probe.end()
        self._programs.forget()
        while self._early:
            self._early.popleft().taken()

    def tick(self) -> None:
        """Called regularly: check whether requests reach the service."""
        self._probe.tick()

    def keep(self, message: Message) -> None:
        """Keep a message of an earlier session until it is known which service is active."""
        self._early.append(message)

    def take(self, message: Message) -> None:
        """Handle a message."""
        if message.topic == self._probe_topic:
            self._probe.heard(message.payload)
        elif message.topic.endswith(ANSWER):
            self._answers.came(message)
            return
        elif message.topic.startswith(self._action_prefix):
            self._requests.take(message)
            return
        elif message.topic.startswith(self.commands.prefix):
            self.commands.take(message)
            return
        elif message.topic.startswith(self._listener_prefix):
            self._programs.note(message.topic.rpartition("/")[2], message.payload)
        elif message.topic == self._script_topic:
            self._note_announcement(message.payload)
        message.taken()

    def _note_announcement(self, payload: bytes) -> None:
        try:
            announcement = _read(payload)
        except Refusal as refusal:
            _log.warning("mqtt.bridge_malformed", reason=refusal.message)
        else:
            self.announced.notify(announcement)


def _read(payload: bytes) -> Announcement | None:
    if len(payload) > _MOST_ANNOUNCED:
        raise Refusal("too_large", f"it can have at most {_MOST_ANNOUNCED} bytes, and has {len(payload)} or more")
    return Announcement.decode(payload)
