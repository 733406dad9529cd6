"""The service's side of the MQTT protocol: requests in and replies out, events, states, things, listeners."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from secrets import token_hex

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.incoming.ports import Delivery
from twilio_binding.metrics import Metrics
from twilio_binding.mqtt.answers import Answers
from twilio_binding.mqtt.connection import Connection, Message, Will
from twilio_binding.mqtt.documents import Documents
from twilio_binding.mqtt.events import Events
from twilio_binding.mqtt.listening import Programs
from twilio_binding.mqtt.outgoing import Publication
from twilio_binding.mqtt.presence import Presence, ServiceClaim, State
from twilio_binding.mqtt.probe import Probe
from twilio_binding.mqtt.refusals import CURE, Refusals
from twilio_binding.mqtt.requests import Requests, Submit
from twilio_binding.protocol.announcement import Announcement
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.protocol.topics import Topics
from twilio_binding.subscribers import Subscribers

_log = structlog.get_logger(__name__)

_SESSION = 3600
"""Seconds for which the broker keeps requests for a service that is away."""
_GOODBYE = 1.0
"""Seconds for the broker to take the last messages."""
_AGAIN = 5.0
"""Seconds after which what was refused is published again."""
_MOST_ANNOUNCED = 64 * 1024


class Exchange:
    """Talks MQTT for the service, as long as no other service does on the same broker and base topic.

    `claim` tells services apart. Subscribers are called on the connection's own thread.
    """

    ready: Subscribers[[]]
    """Requests come in, and deliveries can go."""
    announced: Subscribers[Announcement | None]
    """The script inside openHAB says what it offers; None when it has gone."""

    def __init__(
        self,
        url: str,
        topics: Topics,
        *,
        client_id: str,
        metrics: Metrics,
        claim: ServiceClaim | None = None,
        ca_file: str = "",
    ) -> None:
        self._topics = topics
        self.ready, self.announced = Subscribers(), Subscribers()
        self._stopping = threading.Event()
        self._refusals = Refusals()
        self._programs = Programs()
        self._requests = Requests(topics, metrics, self._publish)
        self._events = Events(topics, self._publish, self._refusals)
        self._documents = Documents(
            lambda topic, payload, then: self._publish(topic, payload, then=then, retain=True), self._noted
        )
        self._documents.put(topics.things, [])
        self._repeated = 0.0
        self._early: deque[Message] = deque()
        me = replace(claim or ServiceClaim(instance=token_hex(8), store=client_id), client=client_id)
        self._presence = Presence(
            me,
            say=self._say,
            on_change=self._became,
            on_namesake=lambda: self._connection.rename(),  # noqa: PLW0108 - it is built later
        )
        self._probe = Probe(topics.probe, me.instance, self._publish)
        self._connection = Connection(
            url,
            client_id=client_id,
            on_connect=self._connected,
            on_message=self._received,
            on_tick=self._tick,
            on_reason=lambda reason: _log.info("mqtt.not_ready", reason=reason),
            will=Will(topic=topics.status, payload=b"offline"),
            session_seconds=_SESSION,
            keeps=True,
            ca_file=ca_file,
        )
        self._answers = Answers(
            url, topics, client_id=client_id, take=self._requests.take, acts=lambda: self._acts, ca_file=ca_file
        )

    @property
    def is_ready(self) -> bool:
        """Whether all goes over the broker now."""
        return not self.reason

    @property
    def is_down(self) -> bool:
        """Whether no answer of a rule can come: the broker is down, or another service gets them."""
        return self._connection.is_down or self._presence.state == "waiting"

    @property
    def reason(self) -> str:
        """Why that is not so, "" when it is."""
        if not self._connection.is_connected:
            return self._connection.reason or "the connection to the broker broke"
        if self._presence.state == "waiting":
            return self._told_of_rival()
        if self._presence.state == "asking":
            return "asking whether another service works on this broker"
        refused = self._connection.subscriptions.refused
        if refused:
            topics = ", ".join(sorted(refused))
            return f"the broker refuses the subscription to {topics} ({next(iter(refused.values()))}); {CURE}"
        if not self._connection.subscriptions.is_answered:
            return "the broker has not answered the subscriptions yet"
        return self._refusals.text or self._not_heard()

    def start(self, submit: Submit) -> None:
        """Begin to connect; the broker may come later."""
        self._requests.submit = submit
        self._connection.start()
        self._answers.start()

    def stop(self) -> None:
        """Say that we are offline, and disconnect."""
        self._stopping.set()
        self._events.stop()
        if self._acts:
            last = ((self._topics.status, b"offline"), (self._topics.service, b""))
            for goodbye in [self._publish(topic, text, retain=True) for topic, text in last]:
                goodbye.wait_for_publish(_GOODBYE)
        self._answers.stop()
        self._connection.stop()

    def publish_things(self, things: Sequence[dict[str, object]]) -> None:
        """Publish the list of things; again on every connection."""
        self._put(self._topics.things, things)

    def publish_inbox(self, entries: Sequence[dict[str, object]]) -> None:
        """Publish the list of numbers that are no things yet; again on every connection."""
        self._put(self._topics.inbox, entries)

    def hears(self, channel_uid: str) -> bool:
        """Whether a program outside openHAB has said that it answers events of the channel."""
        return self._programs.hear(channel_uid)

    def deliver(self, deliveries: Sequence[Delivery]) -> Mapping[int, str]:
        """Publish events and states; returns when the broker has them, else raises `DependencyDownError`.

        Returned are the ids of those that the broker does not take, and why.
        """
        if not self._acts:
            raise DependencyDownError(self.reason)
        return self._events.deliver(deliveries)

    def answer(self, request: Request, reply: Reply) -> None:
        """Publish the reply to a request; while the connection is down it waits."""
        self._requests.answer(request, reply)

    @property
    def _acts(self) -> bool:
        return self._connection.is_connected and self._presence.state == "acting"

    def _publish(
        self,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        correlation: bytes = b"",
        then: Callable[[Publication], None] = lambda _: None,
    ) -> Publication:
        return self._connection.publish(topic, payload, retain=retain, correlation=correlation, then=then)

    def _put(self, topic: str, entries: Sequence[dict[str, object]]) -> None:
        if self._documents.put(topic, entries) and self._acts:
            self._documents.publish(topic)

    # ---- on the connection's thread

    def _connected(self) -> None:
        self._connection.subscribe(self._topics.service, self._topics.status)
        self._presence.connected()

    def _say(self, payload: bytes, retain: bool) -> None:  # noqa: FBT001 - see Presence
        self._publish(self._topics.service, payload, retain=retain, then=self._noted)

    def _noted(self, publication: Publication) -> None:
        """Note what became of something that the service says of itself."""
        kind = self._topics.kind(publication.topic)
        if publication.refusal:
            self._refusals.refused(kind, publication.refusal)
        else:
            self._refusals.taken(kind)

    def _became(self, state: State) -> None:
        """The service acts from now on, or another one does."""
        topics = (self._topics.actions, self._topics.listeners, self._topics.bridge)
        if state == "waiting":
            _log.error("mqtt.another_service", reason=self._told_of_rival())
            self._connection.unsubscribe(*topics)
            self._probe.end()
            self._programs.forget()
            while self._early:
                self._early.popleft().taken()
            return
        self._publish(self._topics.status, b"online", retain=True, then=self._noted)
        self._connection.subscribe(*topics)
        self._probe.begin()
        self._documents.publish()
        while self._early:
            self._take(self._early.popleft())
        self.ready.notify()

    def _tick(self) -> None:
        self._presence.tick()
        if self._acts:
            self._documents.tick()
            self._probe.tick()
            self._repeat()

    def _repeat(self) -> None:
        """Say again what the broker refused: somebody may have mended its access list."""
        now = time.monotonic()
        if now > self._repeated + _AGAIN:
            self._repeated = now
            if self._refusals.is_refused(self._topics.status):
                self._publish(self._topics.status, b"online", retain=True, then=self._noted)
            if self._refusals.is_refused(self._topics.service) or not self._presence.is_heard:
                self._presence.tell()

    def _received(self, message: Message) -> None:
        if message.topic == self._topics.service and not self._stopping.is_set():
            self._presence.heard(message.payload, retained=message.retained)
        elif message.topic == self._topics.status:
            self._hear_status(message.payload)
        elif self._presence.state == "acting":
            self._take(message)
            return
        elif self._presence.state == "asking":
            # Of a session before; whose it is shows in a moment.
            self._early.append(message)
            return
        message.taken()

    def _hear_status(self, payload: bytes) -> None:
        if payload != b"offline" or self._stopping.is_set():
            return
        if self._presence.state == "acting":
            # The word of another service that has left, or of our own connection before this one.
            self._publish(self._topics.status, b"online", retain=True, then=self._noted)
        else:
            self._presence.left()

    def _take(self, message: Message) -> None:
        if message.topic == self._topics.probe:
            self._probe.heard(message.payload)
        elif self._answers.is_one(message.topic):
            self._answers.came(message)
            return
        elif message.topic.startswith(f"{self._topics.base}/action/"):
            self._requests.take(message)
            return
        elif message.topic.startswith(f"{self._topics.base}/listener/"):
            self._programs.note(message.topic.rpartition("/")[2], message.payload)
        elif message.topic == self._topics.bridge:
            self._note_bridge(message.payload)
        message.taken()

    def _note_bridge(self, payload: bytes) -> None:
        try:
            if len(payload) > _MOST_ANNOUNCED:
                raise Refusal("too_large", f"it may have {_MOST_ANNOUNCED} bytes, and has {len(payload)} or more")  # noqa: TRY301
            announcement = Announcement.decode(payload)
        except Refusal as refusal:
            _log.warning("mqtt.bridge_malformed", reason=refusal.message)
            return
        self.announced.notify(announcement)

    def _told_of_rival(self) -> str:
        rival = self._presence.rival
        host = rival.host if rival else "?"
        return (
            f"another service (on {host}) works on this broker with mqtt.base_topic {self._topics.base}, so this one "
            "takes no requests and publishes nothing; stop one of the two, or give this one a base topic of its own"
        )

    def _not_heard(self) -> str:
        """What does not come back although the broker has taken it."""
        topic = self._topics.actions if self._probe.is_deaf else "" if self._presence.is_heard else self._topics.service
        return f"the broker delivers nothing of {topic} to the service; {CURE}" if topic else ""
