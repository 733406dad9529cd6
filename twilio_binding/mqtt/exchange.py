"""The service's side of the MQTT protocol: requests in and replies out, events, states, things, listeners."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import inf
from secrets import token_hex

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.incoming.ports import Delivery
from twilio_binding.metrics import Metrics
from twilio_binding.mqtt.answers import Answers
from twilio_binding.mqtt.claim import ServiceClaim
from twilio_binding.mqtt.commands import ChannelCommands
from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.mqtt.documents import Documents
from twilio_binding.mqtt.duty import Duty, Reception, is_acting
from twilio_binding.mqtt.events import Events
from twilio_binding.mqtt.listening import Programs
from twilio_binding.mqtt.messages import Will
from twilio_binding.mqtt.obstacles import Obstacles
from twilio_binding.mqtt.outgoing import wait_until_settled
from twilio_binding.mqtt.presence import Presence
from twilio_binding.mqtt.probe import Probe
from twilio_binding.mqtt.refusals import Refusals
from twilio_binding.mqtt.requests import Requests, Submit
from twilio_binding.mqtt.self_report import SelfReport
from twilio_binding.protocol.announcement import Announcement
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.protocol.topics import Topics
from twilio_binding.subscribers import Subscribers
from twilio_binding.workers import aside

_log = structlog.get_logger(__name__)

_SESSION = 3600
"""Seconds for which the broker keeps requests after a lost connection."""


class Exchange:
    """The service's MQTT traffic, while no other service is active on the same broker and base topic.

    `claim` tells services apart. Subscribers are called on the connection's thread.
    """

    ready: Subscribers[[]]
    """Notified when requests arrive, and deliveries are possible."""
    announced: Subscribers[Announcement | None]
    """The announcement of the script inside openHAB; None when it has gone."""
    hears: Callable[[str], bool]
    """Whether a program outside openHAB has announced that it answers events of a channel."""

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
        will = Will(topic=topics.status, payload=b"offline")
        self._topics = topics
        self._connection = BrokerConnection(
            url, client_id=client_id, will=will, session_seconds=_SESSION, keeps=True, ca_file=ca_file
        )
        publish, refusals = self._connection.publish, Refusals()
        me = replace(claim or ServiceClaim(instance=token_hex(8), store=client_id), client=client_id)
        report = SelfReport(topics, publish, refusals)
        self._presence = Presence(me, say=report.claim)
        self._programs = Programs()
        self.hears = self._programs.hear
        self._requests = Requests(topics, metrics, publish)
        self._events = Events(topics, publish, refusals)
        self._documents = Documents(publish, report.note)
        self._documents.put(topics.things, [])
        acts, take = partial(is_acting, self._connection, self._presence), self._requests.take
        self._answers = Answers(url, topics, client_id=client_id, take=take, acts=acts, ca_file=ca_file)
        probe = Probe(topics.probe, me.instance, publish)
        self.commands = ChannelCommands(topics, is_waiting=lambda: self._presence.state == "waiting")
        reception = Reception(
            topics, self._requests, self.commands, answers=self._answers, programs=self._programs, probe=probe
        )
        self._obstacles = Obstacles(topics, self._connection, self._presence, refusals, probe)
        self._presence.changed.subscribe(self._obstacles.tell)
        self._presence.namesake_found.subscribe(self._connection.rename)
        self._duty = Duty(
            topics, self._connection, self._presence, report=report, reception=reception, documents=self._documents
        )
        self.ready, self.announced = self._duty.begun, reception.announced
        self._connection.failed.subscribe(lambda reason: _log.info("mqtt.not_ready", reason=reason))

    @property
    def is_ready(self) -> bool:
        """Whether the broker can be used for everything."""
        return not self.reason

    def can_answer(self) -> bool:
        """Whether answers of rules can arrive: not while the broker is down, or another service is active."""
        return not (self._connection.is_down or self._presence.state == "waiting")

    @property
    def reason(self) -> str:
        """Why the broker cannot be used for everything, and what to do; "" if it can."""
        return self._obstacles.text

    def start(self, submit: Submit) -> None:
        """Start connecting; the broker may be down."""
        self._requests.submit = submit
        self._connection.start()
        self._answers.start()

    def stop(self, until: float = inf) -> None:
        """Publish that the service is offline, and disconnect."""
        self._events.stop()
        self._duty.stop()
        self._answers.stop(until)
        self._connection.stop(until)

    def publish_things(self, things: Sequence[dict[str, object]]) -> None:
        """Publish the list of things, and again on every connection."""
        self._put(self._topics.things, things)

    def publish_inbox(self, entries: Sequence[dict[str, object]]) -> None:
        """Publish the list of numbers that are not things yet; again on every connection."""
        self._put(self._topics.inbox, entries)

    def publish_text(self, topic: str, text: str) -> None:
        """Publish a text to any topic; returns when the broker has it. Raises `DependencyDownError` and `Refusal`.

        After an error it is not sent again. A refusal is `retryable` unless the broker can never accept the text.
        """
        if self._connection.is_down:
            raise DependencyDownError(self.reason)
        publication = self._connection.publish(topic, text.encode())
        with aside():  # commands to items must not wait for a dead broker
            is_settled = wait_until_settled([publication])
        if not is_settled:
            raise DependencyDownError(self.reason or "the broker did not confirm")
        if publication.refusal:
            raise Refusal("refused_by_broker", publication.refusal, retryable=not publication.is_final)

    def deliver(self, deliveries: Sequence[Delivery]) -> Mapping[int, str]:
        """Publish events and states; returns when the broker has them, otherwise raises `DependencyDownError`.

        Returns the ids of those that the broker does not accept, and why.
        """
        if not self._duty.acts:
            raise DependencyDownError(self.reason)
        return self._events.deliver(deliveries)

    def answer(self, request: Request, reply: Reply) -> None:
        """Publish the reply to a request; it waits while the connection is down."""
        self._requests.answer(request, reply)

    def _put(self, topic: str, entries: Sequence[dict[str, object]]) -> None:
        if self._documents.put(topic, entries) and self._duty.acts:
            self._duty.listen_to_commands()  # before others can learn of new channels and use them
            self._documents.publish(topic)
