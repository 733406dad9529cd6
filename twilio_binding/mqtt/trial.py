"""A trial connection: what the broker accepts and delivers, and how fast."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from secrets import token_hex
from types import TracebackType
from typing import Self

from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.mqtt.messages import Message
from twilio_binding.mqtt.outgoing import BrokerTerms

_LOOK = 0.005
_SECOND_TRY = 1.0
"""Seconds after the first refusal for which the other version of MQTT is tried."""
_never = threading.Event()


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """The outcome of a message to ourselves.

    `subscription` and `message` say why the broker refused them, "" if it did not. The message came back after
    `seconds`, None if never.
    """

    subscription: str = ""
    message: str = ""
    seconds: float | None = None


class BrokerTrial:
    """Connects with its own client id, without last will and session, so that it disturbs nobody.

    Raises `BadBrokerURLError` and `CAFileError`.
    """

    def __init__(self, url: str, *, ca_file: str = "") -> None:
        self.name = f"doctor-{token_hex(6)}"
        self._topics: dict[str, SimpleQueue[Message]] = {}
        self._silence = ""
        self._connection = BrokerConnection(url, client_id=f"twilio-{self.name}", ca_file=ca_file)
        self._untried = self._connection.reason
        self._connection.connected.subscribe(lambda: self._connection.subscribe(*self._topics))
        self._connection.received.subscribe(self._received)

    def __enter__(self) -> Self:
        """Start connecting."""
        self._connection.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Disconnect."""
        self._connection.stop()

    @property
    def reason(self) -> str:
        """Why the broker cannot be used; "" if it can."""
        return self._silence or self._connection.reason

    @property
    def terms(self) -> BrokerTerms:
        """What the broker said when it connected."""
        return self._connection.terms

    def wait(self, seconds: float) -> bool:
        """Wait until connected, or until the broker has refused both versions of MQTT; returns whether it is connected."""
        deadline = time.monotonic() + seconds
        self._silence = ""
        while not self._connection.wait(_LOOK) and time.monotonic() < deadline:
            if self._connection.is_down:
                deadline = min(deadline, time.monotonic() + _SECOND_TRY)
        if not self._connection.is_connected and self._connection.reason == self._untried:
            self._silence = f"no MQTT broker has answered within {seconds:g} seconds"
        return self._connection.is_connected

    def subscribe(self, topic: str, seconds: float) -> str:
        """Subscribe to a topic; returns why the broker refuses that, "" if it does not."""
        self._topics.setdefault(topic, SimpleQueue())
        self._connection.subscribe(topic)
        deadline = time.monotonic() + seconds
        subscriptions = self._connection.subscriptions
        while not subscriptions.is_granted(topic):
            if topic in subscriptions.refused:
                return subscriptions.refused[topic]
            if time.monotonic() > deadline:
                return "no answer"
            _never.wait(_LOOK)
        return ""

    def next(self, topic: str, seconds: float) -> Message | None:
        """The next message on a subscribed topic; None if none arrives."""
        try:
            return self._topics[topic].get(timeout=seconds)
        except Empty:
            return None

    def echo(self, topic: str, payload: bytes, seconds: float) -> Echo:
        """Publish a message to ourselves, and wait for it."""
        subscription = "" if topic in self._topics else self.subscribe(topic, seconds)
        began = time.monotonic()
        publication = self._connection.publish(topic, payload)
        publication.wait_for_publish(seconds)
        message = publication.refusal or ("" if publication.is_settled else "no answer")
        if message or subscription:
            publication.withdraw()
            return Echo(subscription=subscription, message=message)
        while (left := began + seconds - time.monotonic()) > 0:
            came = self.next(topic, left)
            if came is not None and (came.oversized or came.payload == payload):
                return Echo(seconds=time.monotonic() - began)
        return Echo()

    def pass_to(self, other: BrokerTrial, topic: str, seconds: float) -> float | None:
        """Publish to another connection that has subscribed; returns the seconds until it arrived, None if it did not."""
        began = time.monotonic()
        self._connection.publish(topic, self.name.encode())
        came = other.next(topic, seconds)
        return None if came is None else time.monotonic() - began

    def _received(self, message: Message) -> None:
        for topic, waiting in tuple(self._topics.items()):
            if topic == message.topic:
                waiting.put(message)
