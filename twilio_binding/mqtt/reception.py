"""What comes to the service while it acts, by topic."""

from __future__ import annotations

from collections import deque

import structlog

from twilio_binding.mqtt.answers import Answers
from twilio_binding.mqtt.listening import Programs
from twilio_binding.mqtt.messages import Message
from twilio_binding.mqtt.probe import Probe
from twilio_binding.mqtt.requests import Requests
from twilio_binding.protocol.announcement import Announcement
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.topics import Topics
from twilio_binding.subscribers import Subscribers

_log = structlog.get_logger(__name__)

_MOST_ANNOUNCED = 64 * 1024


class Reception:
    """Gives each message to whom it is for. What comes before it is known who acts waits. For the connection's thread."""

    announced: Subscribers[Announcement | None]
    """The script inside openHAB says what it offers; None when it has gone."""

    def __init__(self, topics: Topics, requests: Requests, answers: Answers, programs: Programs, probe: Probe) -> None:
        self._probe_topic, self._script_topic = topics.probe, topics.bridge
        self._action_prefix, self._listener_prefix = f"{topics.base}/action/", f"{topics.base}/listener/"
        self._requests = requests
        self._answers = answers
        self._programs = programs
        self._probe = probe
        self._early: deque[Message] = deque()
        self.announced = Subscribers()

    def begin(self) -> None:
        """The service acts from now on."""
        self._probe.begin()
        while self._early:
            self.take(self._early.popleft())

    def connected(self) -> None:
        """A new connection begins: what has no receipt comes again on it, and is not to be taken twice."""
        self._early = deque(message for message in self._early if not message.comes_again)

    def end(self) -> None:
        """Another service acts: what came is for that one."""
        self._probe.end()
        self._programs.forget()
        while self._early:
            self._early.popleft().taken()

    def tick(self) -> None:
        """Some time has passed: look whether requests reach the service."""
        self._probe.tick()

    def keep(self, message: Message) -> None:
        """Of a session before; whose it is shows in a moment."""
        self._early.append(message)

    def take(self, message: Message) -> None:
        """A message came."""
        if message.topic == self._probe_topic:
            self._probe.heard(message.payload)
        elif self._answers.is_one(message.topic):
            self._answers.came(message)
            return
        elif message.topic.startswith(self._action_prefix):
            self._requests.take(message)
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
        raise Refusal("too_large", f"it may have {_MOST_ANNOUNCED} bytes, and has {len(payload)} or more")
    return Announcement.decode(payload)
