"""The sidecar's side of the MQTT protocol: requests in and replies out, events, states, things, listeners."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from twilio_binding.bridge_protocol import Announcement
from twilio_binding.flows.ports import Delivery, NeighbourAwayError
from twilio_binding.metrics import Metrics
from twilio_binding.mqtt.connection import Connection, Message, Will
from twilio_binding.protocol import Refusal, Reply, Request, Topics, addressee, read_request

_log = structlog.get_logger(__name__)

_SESSION = 3600
"""Seconds for which the broker keeps requests for a sidecar that is away."""
_CONFIRMATION = 10.0

Submit = Callable[[Request, Callable[[Reply], None]], None]


class Exchange:
    """Talks MQTT for the sidecar. `submit` carries out a request and calls back with its reply.

    `on_bridge` is told what the script inside openHAB says of itself, and None when it has gone.
    """

    def __init__(
        self,
        url: str,
        topics: Topics,
        *,
        client_id: str,
        on_ready: Callable[[], None],
        metrics: Metrics,
        on_bridge: Callable[[Announcement | None], None] = lambda _: None,
    ) -> None:
        self._topics = topics
        self._on_ready = on_ready
        self._metrics = metrics
        self._on_bridge = on_bridge
        self._submit: Submit | None = None
        self._documents = {topics.things: b"[]"}
        self._listening: dict[str, frozenset[str]] = {}
        self._lock = threading.Lock()
        self._connection = Connection(
            url,
            client_id=client_id,
            on_connect=self._connected,
            on_message=self._received,
            on_reason=lambda reason: _log.info("mqtt.not_ready", reason=reason),
            will=Will(topic=topics.status, payload=b"offline"),
            session_seconds=_SESSION,
        )

    @property
    def is_ready(self) -> bool:
        """Whether the broker can be used now."""
        return self._connection.is_connected

    @property
    def is_down(self) -> bool:
        """Whether the broker is known to be down, so that no answer of a rule can come."""
        return self._connection.is_down

    @property
    def reason(self) -> str:
        """Why the broker cannot be used."""
        return self._connection.reason

    def start(self, submit: Submit) -> None:
        """Begin to connect; the broker may come later."""
        self._submit = submit
        self._connection.start()

    def stop(self) -> None:
        """Say that we are offline, and disconnect."""
        if self._connection.is_connected:
            self._connection.publish(self._topics.status, b"offline", retain=True)
        self._connection.stop()

    def publish_things(self, things: Sequence[dict[str, object]]) -> None:
        """Publish the list of things; again on every connection."""
        self._publish(self._topics.things, things)

    def publish_inbox(self, entries: Sequence[dict[str, object]]) -> None:
        """Publish the list of numbers that are no things yet; again on every connection."""
        self._publish(self._topics.inbox, entries)

    def hears(self, channel_uid: str) -> bool:
        """Whether a program outside openHAB has said that it answers events of the channel."""
        return any(channel_uid in channels for channels in self._listening.values())

    def deliver(self, deliveries: Sequence[Delivery]) -> None:
        """Publish events and states; returns when the broker has them, else raises `NeighbourAwayError`."""
        if not self._connection.is_connected:
            raise NeighbourAwayError(self._connection.reason)
        # Of a retained state only the last one of a batch can ever be seen.
        states = {
            self._topics.state(delivery.event.thing, channel): state
            for delivery in deliveries
            for channel, state in delivery.event.states
        }
        infos = [self._connection.publish(topic, state.encode(), retain=True) for topic, state in states.items()]
        infos += [
            self._connection.publish(self._topics.event(event.thing, event.channel), event.payload.encode())
            for event in (delivery.event for delivery in deliveries if not delivery.stale)
            if event.channel
        ]
        for info in infos:
            try:
                info.wait_for_publish(_CONFIRMATION)
                confirmed = info.is_published()
            except (RuntimeError, ValueError):
                confirmed = False
            if not confirmed:
                raise NeighbourAwayError("the broker did not confirm")

    def answer(self, request: Request, reply: Reply) -> None:
        """Publish the reply to a request; while the connection is down it waits."""
        if not reply.ok and not request.reply_to:
            # Nobody waits for the reply of a short form; the log is the only place that tells.
            _log.warning("action.refused", thing=request.thing, action=request.action, code=reply.code)
        self._reply(replace(reply, id=request.id), request.reply_to, request.correlation)

    def _publish(self, topic: str, entries: Sequence[dict[str, object]]) -> None:
        payload = json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        if payload == self._documents.get(topic):
            return
        self._documents[topic] = payload
        if self._connection.is_connected:
            self._connection.publish(topic, payload, retain=True)

    def _connected(self) -> None:
        self._connection.subscribe(self._topics.actions, self._topics.listeners, self._topics.bridge)
        self._connection.publish(self._topics.status, b"online", retain=True)
        for topic, payload in tuple(self._documents.items()):
            self._connection.publish(topic, payload, retain=True)
        self._on_ready()

    def _received(self, message: Message) -> None:
        if message.topic.startswith(f"{self._topics.base}/listener/"):
            self._note_listener(message)
        elif message.topic.startswith(f"{self._topics.base}/action/"):
            self._request(message)
        elif message.topic == self._topics.bridge:
            self._note_bridge(message.payload)

    def _note_bridge(self, payload: bytes) -> None:
        try:
            announcement = Announcement.decode(payload)
        except Refusal as refusal:
            _log.warning("mqtt.bridge_malformed", reason=refusal.message)
            return
        self._on_bridge(announcement)

    def _note_listener(self, message: Message) -> None:
        client = message.topic.rpartition("/")[2]
        try:
            body = json.loads(message.payload) if message.payload else {}
            channels = frozenset(str(channel) for channel in body.get("channels", ()))
        except (ValueError, AttributeError, TypeError):
            _log.warning("mqtt.listener_malformed", client=client[:60])
            return
        with self._lock:
            listening = {name: known for name, known in self._listening.items() if name != client}
            if channels:
                listening[client] = channels
            self._listening = listening

    def _request(self, message: Message) -> None:
        try:
            if message.retained:
                raise Refusal("retained", "requests must not be retained: they would be repeated at every start")  # noqa: TRY301
            request = read_request(self._topics, message.topic, message.payload)
            if message.reply_to and not request.reply_to:
                if not self._topics.is_reply(message.reply_to):
                    raise Refusal("bad_reply_topic", f"the response topic must lie under {self._topics.base}/reply/")  # noqa: TRY301
                request = replace(request, reply_to=message.reply_to, correlation=message.correlation)
        except Refusal as refusal:
            request_id, reply_to = addressee(self._topics, message.payload)
            _log.warning("request.refused", code=refusal.code, request_id=request_id or None)
            self._metrics.actions.labels("unknown", refusal.code).inc()
            self._reply(Reply.refused(request_id, refusal), reply_to, message.correlation)
            return
        assert self._submit is not None  # noqa: S101 - set by start, before there is a connection
        self._submit(request, lambda reply: self.answer(request, reply))

    def _reply(self, reply: Reply, reply_to: str, correlation: bytes) -> None:
        if reply_to:
            self._connection.publish(reply_to, reply.encode(), correlation=correlation)
