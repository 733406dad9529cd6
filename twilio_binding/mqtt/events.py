"""Publishes events and states to the broker."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from twilio_binding.errors import DependencyDownError
from twilio_binding.incoming.ports import Delivery
from twilio_binding.mqtt.outgoing import Publication, Publish, wait_until_settled
from twilio_binding.mqtt.refusals import Refusals
from twilio_binding.protocol.topics import Topics

_PAUSES = (0.5, 1.0, 2.0)
"""Seconds after which a refused publication is tried again; after the last, it is set aside."""

_UTF_8 = "utf-8", "replace"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    delivery: int
    topic: str
    kind: str
    payload: bytes
    retain: bool


class Events:
    """Publishes events and their states. `deliver` is thread-safe."""

    def __init__(self, topics: Topics, publish: Publish, refusals: Refusals) -> None:
        self._topics = topics
        self._publish = publish
        self._refusals = refusals
        self._of_states, self._of_events = topics.kind(topics.state("", "")), topics.kind(topics.event("", ""))
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Stop waiting for retries."""
        self._stopping.set()

    def deliver(self, deliveries: Sequence[Delivery]) -> dict[int, str]:
        """Publish events; returns the ids of those that the broker does not accept, and why. The others are delivered."""
        messages = self._messages(deliveries)
        refused: dict[int, str] = {}
        last: list[tuple[_Message, Publication]] = []
        for pause in self._pauses(messages):
            if pause and self._stopping.wait(pause):
                raise DependencyDownError("the service ends")
            last = self._publish_all(messages)
            refused |= {
                message.delivery: self._why(publication) for message, publication in last if publication.is_final
            }
            last = [each for each in last if not each[1].is_final]
            messages = [message for message, _ in last]
            if not messages:
                break
        for _, publication in last:
            self._refusals.refused(self._topics.kind(publication.topic), publication.refusal)
        return refused | {message.delivery: self._why(publication) for message, publication in last}

    def _messages(self, deliveries: Sequence[Delivery]) -> list[_Message]:
        # Only the last retained state of a batch can be seen.
        states: dict[str, _Message] = {}
        events: list[_Message] = []
        for delivery in deliveries:
            event = delivery.event
            for channel, state in event.states:
                topic = self._topics.state(event.thing, channel)
                states[topic] = _Message(
                    delivery=delivery.id, topic=topic, kind=self._of_states, payload=state.encode(*_UTF_8), retain=True
                )
            if event.channel and not delivery.stale:
                topic = self._topics.event(event.thing, event.channel)
                payload = event.payload.encode(*_UTF_8)
                events.append(
                    _Message(delivery=delivery.id, topic=topic, kind=self._of_events, payload=payload, retain=False)
                )
        return [*states.values(), *events]

    def _pauses(self, messages: Sequence[_Message]) -> tuple[float, ...]:
        """Topics that have been refused for a while get only one try, so that a backlog does not take hours."""
        is_known = all(self._refusals.is_refused(kind) for kind in {message.kind for message in messages})
        return (0.0,) if is_known else (0.0, *_PAUSES)

    def _publish_all(self, messages: Sequence[_Message]) -> list[tuple[_Message, Publication]]:
        """Publish messages; returns what the broker refuses."""
        sent = [(each, self._publish(each.topic, each.payload, retain=each.retain)) for each in messages]
        if not wait_until_settled([publication for _, publication in sent]):
            raise DependencyDownError("the broker did not confirm")
        refused = [each for each in sent if each[1].refusal]
        for message, publication in refused:
            if publication.is_final and message.retain:
                self._publish(message.topic, b"", retain=True)  # better no state than that of an earlier event
        self._refusals.taken(*{message.kind for message, publication in sent if not publication.refusal})
        return refused

    def _why(self, publication: Publication) -> str:
        return f"{self._topics.kind(publication.topic)}, {len(publication.payload)} bytes: {publication.refusal}"
