"""The retained lists at the broker: things and inbox."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence

import structlog

from twilio_binding.clock import in_turns
from twilio_binding.mqtt.outgoing import Publication, Publish

_log = structlog.get_logger(__name__)

_AGAIN = 20.0
"""Seconds until a refused list is published again."""
Entries = Sequence[dict[str, object]]


class Documents:
    """Lists on their own topics. A list that is too long for the broker is shortened. Thread-safe.

    `noted` gets the outcome of each, unless its length was the reason.
    """

    def __init__(self, publish: Publish, noted: Callable[[Publication], None] = lambda _: None) -> None:
        self._publish = publish
        self._noted = noted
        self._lock = threading.Lock()
        self._payloads: dict[str, tuple[bytes, ...]] = {}
        self._too_long: dict[str, int] = {}
        self._limited: set[str] = set()
        """Topics whose list is too long only for the limit that the broker announced."""
        self._again: dict[str, float] = {}
        self._under_way: dict[str, Publication] = {}

    def put(self, topic: str, entries: Entries) -> bool:
        """Set the list of a topic; returns whether it changed."""
        whole = _encode(entries)
        with self._lock:
            if self._payloads.get(topic, (b"",))[0] == whole:
                return False
        shorter = (_encode(variant) for variant in (_without_texts(entries), _without_all(entries)))
        payloads = (whole, *shorter)
        with self._lock:
            self._payloads[topic] = payloads
        return True

    def publish(self, *topics: str) -> None:
        """Publish these lists, or all, for example after a new connection, whose limit may differ."""
        if not topics:
            while self._limited:
                self._too_long.pop(self._limited.pop(), None)
        for topic in topics or tuple(self._payloads):
            self._publish_shorter(topic)

    def tick(self) -> None:
        """Called regularly."""
        due = [topic for topic, at in tuple(self._again.items()) if time.monotonic() > at]
        for topic in due:
            del self._again[topic]
        if due:
            self.publish(*due)

    def _publish_shorter(self, topic: str) -> None:
        """Publish the list, or its longest shorter form that was not too long before."""
        most = self._too_long.get(topic, 1 << 30)
        payload = next((payload for payload in self._payloads[topic] if len(payload) < most), None)
        if payload is None:
            _log.error("mqtt.document_too_long", topic=topic, size=len(self._payloads[topic][0]), most=most)
            return
        # Unconfirmed lists are sent again on the next connection; a second copy would only end that, too.
        before = self._under_way.get(topic)
        if before is not None and not before.is_settled:
            if before.payload == payload:
                return
            before.withdraw()
        publication = self._publish(topic, payload, retain=True, then=self._settled)
        if not publication.is_settled:
            self._under_way[topic] = publication

    def _settled(self, publication: Publication) -> None:
        if publication.is_final:
            _log.warning("mqtt.document_shortened", topic=publication.topic, reason=publication.refusal)
            self._too_long[publication.topic] = len(publication.payload)
            if not publication.strikes:  # otherwise each try would cost a connection
                self._limited.add(publication.topic)
            self._publish_shorter(publication.topic)
            return
        if publication.refusal:
            self._again[publication.topic] = time.monotonic() + _AGAIN
        self._noted(publication)


def _encode(entries: Entries) -> bytes:
    """The JSON list; other threads continue meanwhile."""
    written = [json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in in_turns(entries)]
    return f"[{','.join(written)}]".encode("utf-8", "replace")


def _without_texts(entries: Entries) -> Entries:
    """The list without long, optional parts."""
    return [{name: _shortened(name, value) for name, value in entry.items() if name != "channels"} for entry in entries]


def _shortened(name: str, value: object) -> object:
    if name == "description":
        return ""
    if name == "properties":
        return dict[str, str]()
    return value


def _without_all(entries: Entries) -> Entries:
    """Only identity and status of the things."""
    wanted: Mapping[str, object] = {"label": "", "description": "", "properties": {}}
    return [
        {name: wanted.get(name, value) for name, value in entry.items() if name not in ("channels", "line")}
        for entry in entries
    ]
