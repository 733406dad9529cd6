"""Lists that stand retained at the broker."""

from __future__ import annotations

from collections.abc import Callable

from twilio_binding.mqtt.documents import Documents
from twilio_binding.mqtt.outgoing import Publication

TOPIC = "twilio/things"


def test_one_under_way_at_a_time() -> None:
    """What the broker has not answered is not published beside itself on each connection: one that ends them would go on for ever."""
    sent: list[Publication] = []

    def publish(
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        correlation: bytes = b"",
        then: Callable[[Publication], None] = lambda _: None,
    ) -> Publication:
        sent.append(Publication(topic=topic, payload=payload, retain=retain, correlation=correlation, then=then))
        return sent[-1]

    documents = Documents(publish)
    documents.put(TOPIC, [{"uid": "a"}])
    for _ in range(3):
        documents.publish()
    assert len(sent) == 1
    documents.put(TOPIC, [{"uid": "b"}])
    documents.publish()
    assert [publication.is_withdrawn for publication in sent] == [True, False]
    sent[1].settle()
    documents.publish()
    assert len(sent) == 3
