"""The client side of the MQTT protocol, for rules and programs that use the service."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Self
from uuid import uuid4

from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.mqtt.messages import Message, Will
from twilio_binding.mqtt.outgoing import Publication
from twilio_binding.protocol.pending_replies import PendingReplies, PendingReply
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.protocol.results import Result
from twilio_binding.protocol.topics import Topics

_GOODBYE = 0.5
EventHandler = Callable[[dict[str, object]], None]


class Client:
    """A connection to the service through the broker. Use it as a context manager, or call `start` and `stop`.

    `timeout` is how long an action may take, in seconds; `ca_file` is a PEM file or folder for a broker with TLS.
    Thread-safe; but event handlers run on the connection's thread, and must call actions on another one.
    """

    def __init__(
        self,
        url: str = "mqtt://127.0.0.1:1883",
        *,
        base: str = "twilio",
        name: str = "",
        timeout: float = 10.0,
        ca_file: str = "",
    ) -> None:
        self.topics = Topics(base=base)
        self.name = name or f"python-{uuid4().hex[:12]}"
        self.timeout = timeout
        self._lock = threading.Lock()
        self._pending = PendingReplies()
        self._handlers: dict[str, tuple[EventHandler, ...]] = {}
        self._reading: dict[str, tuple[threading.Event, list[bytes]]] = {}
        self._answers: set[str] = set()
        self._has_subscribed = False
        will = Will(topic=self.topics.listener(self.name), payload=b"")
        self._connection = BrokerConnection(url, client_id=f"twilio-{self.name}", will=will, ca_file=ca_file)
        self._connection.connected.subscribe(self._connected)
        self._connection.received.subscribe(self._received)

    def __enter__(self) -> Self:
        """Connect; raises ConnectionError if the broker does not answer within the timeout."""
        self.start()
        if not self._connection.wait(self.timeout):
            self.stop()
            raise ConnectionError(f"no MQTT broker: {self._connection.reason}")
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect."""
        self.stop()

    def start(self) -> None:
        """Start connecting."""
        self._connection.start()

    def stop(self) -> None:
        """Withdraw the announcement of listeners, and disconnect."""
        if self._connection.is_connected:
            self._connection.publish(self.topics.listener(self.name), b"", retain=True).wait_for_publish(_GOODBYE)
        self._connection.stop()

    def answers(self, *channel_uids: str) -> None:
        """Announce that this program answers calls on these trigger channels.

        Without it, and without a rule inside openHAB, callers hear the default immediately.
        """
        with self._lock:
            self._answers.update(channel_uids)
        self._announce()

    def on(self, thing: str, channel: str, handler: EventHandler) -> None:
        """Also call `handler` with the payload of each event of a trigger channel, and announce that this program listens."""
        topic = self.topics.event(thing, channel)
        with self._lock:
            self._handlers[topic] = (*self._handlers.get(topic, ()), handler)
            if self._has_subscribed:
                self._connection.subscribe(topic)
        self.answers(f"{thing}:{channel}")

    def call(self, thing: str, action: str, args: Mapping[str, object], *, request_id: str = "") -> Result:
        """Request an action and wait for its result; requests with the same `request_id` are carried out once."""
        # A request id can be any text, and can be used again; the reply topic belongs to this call only.
        call_id = uuid4().hex
        request = Request(
            thing=thing,
            action=action,
            args={key: value for key, value in args.items() if value is not None},
            id=request_id or call_id,
            reply_to=self.topics.reply(self.name, call_id),
            deadline=time.time() + self.timeout,
        )
        with self._pending.expect(call_id) as pending:
            self._connection.publish(
                self.topics.action(thing, action), request.encode(), then=partial(_not_taken, call_id, pending)
            )
            reply = pending.wait(self.timeout)
        if reply is None:
            away = "" if self._connection.is_connected else f"no MQTT broker: {self._connection.reason}; "
            text = "no answer came in time; repeat the request with the same id to get its result"
            return Result(ok=False, code="timeout", message=away + text, retryable=True)
        return Result.of(reply)

    def retained(self, topic: str) -> bytes | None:
        """The retained message of a topic, such as the list of things; None if nothing arrives within the timeout."""
        arrived: tuple[threading.Event, list[bytes]] = (threading.Event(), [])
        with self._lock:
            self._reading[topic] = arrived
        try:
            self._connection.subscribe(topic)
            return arrived[1][0] if arrived[0].wait(self.timeout) else None
        finally:
            with self._lock:
                self._reading.pop(topic, None)

    def _connected(self) -> None:
        with self._lock:
            self._has_subscribed = True
            self._connection.subscribe(self.topics.reply(self.name, "+"), *self._handlers, *self._reading)
        self._announce()

    def _announce(self) -> None:
        # Under the lock, so that the retained message is the latest.
        with self._lock:
            if self._answers:
                payload = json.dumps({"channels": sorted(self._answers)}).encode()
                self._connection.publish(self.topics.listener(self.name), payload, retain=True)

    def _received(self, message: Message) -> None:
        handlers = self._handlers.get(message.topic, ())
        for handler in handlers:
            handler(json.loads(message.payload))
        if handlers:
            return
        reading = self._reading.get(message.topic)
        if reading is not None:
            reading[1].append(message.payload)
            reading[0].set()
            return
        self._pending.came(message.topic, message.payload)


def _not_taken(call_id: str, pending: PendingReply, publication: Publication) -> None:
    """Stop waiting for a request that the broker refuses."""
    if publication.refusal:
        code = "too_large" if publication.is_final else "broker_refused"
        text = f"the broker did not accept the request: {publication.refusal}"
        pending.give(Reply(id=call_id, ok=False, code=code, message=text))
