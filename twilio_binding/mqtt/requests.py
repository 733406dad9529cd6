"""Handles requests over MQTT, and publishes their replies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import structlog

from twilio_binding.metrics import Metrics
from twilio_binding.mqtt.malformed import explain
from twilio_binding.mqtt.messages import Message
from twilio_binding.mqtt.outgoing import Publication, Publish
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import MAX_REQUEST_BYTES, Request, addressee, read_request
from twilio_binding.protocol.topics import Topics

_log = structlog.get_logger(__name__)

Submit = Callable[[Request, Callable[[Reply], None], Callable[[], None]], None]
"""Carries out a request; calls back with the reply, and when the broker need not deliver the request again."""


class Requests:
    """Passes requests to `submit`, and publishes the replies."""

    def __init__(self, topics: Topics, metrics: Metrics, publish: Publish) -> None:
        self._topics = topics
        self._metrics = metrics
        self._publish = publish
        self.submit: Submit = _ignore

    def take(self, message: Message) -> None:
        """Handle a request."""
        try:
            request = self._read(message)
        except Refusal as refusal:
            request_id, reply_to = addressee(self._topics, message.payload)
            _log.warning(
                "request.refused",
                code=refusal.code,
                reason=refusal.message[:300],
                topic=message.topic[:200],
                request_id=request_id or None,
            )
            self._metrics.actions.labels("unknown", refusal.code).inc()
            reply_to = reply_to or (message.reply_to if self._topics.is_reply(message.reply_to) else "")
            self._reply(Reply.refused(request_id, refusal), reply_to, message.correlation)
            message.taken()
            return
        self.submit(request, lambda reply: self.answer(request, reply), message.taken)

    def answer(self, request: Request, reply: Reply) -> None:
        """Publish the reply to a request; it waits while the connection is down."""
        if not reply.ok and not request.reply_to:
            # Nobody waits for a reply to the short form, so only the log reports it.
            reason = reply.message[:300]
            _log.warning("action.refused", thing=request.thing, action=request.action, code=reply.code, reason=reason)
        self._reply(replace(reply, id=request.id), request.reply_to, request.correlation)

    def _read(self, message: Message) -> Request:
        if message.retained:
            raise Refusal("retained", "requests must not be retained: they would be repeated at every start")
        if message.oversized:
            raise Refusal("too_large", f"a request can have at most {MAX_REQUEST_BYTES} bytes; this one is much longer")
        try:
            request = read_request(self._topics, message.topic, message.payload)
        except Refusal as refusal:
            fault = explain(message.payload) if refusal.code == "malformed" else ""
            raise Refusal(refusal.code, f"{refusal.message}: {fault}" if fault else refusal.message) from None
        if message.reply_to and not request.reply_to:
            if not self._topics.is_reply(message.reply_to):
                raise Refusal("bad_reply_topic", f"the response topic must lie under {self._topics.base}/reply/")
            request = replace(request, reply_to=message.reply_to, correlation=message.correlation)
        return request

    def _reply(self, reply: Reply, reply_to: str, correlation: bytes) -> None:
        if reply_to:
            short = partial(self._shorten, reply, correlation)
            self._publish(reply_to, reply.encode(), correlation=correlation, then=short)

    def _shorten(self, reply: Reply, correlation: bytes, publication: Publication) -> None:
        """Replace a reply that is too long for the broker with an error."""
        if publication.is_final:
            size = len(publication.payload)
            _log.warning("reply.too_large", request_id=reply.id, size=size, reason=publication.refusal)
            self._publish(publication.topic, _short(reply, size).encode(), correlation=correlation)


def _ignore(_request: Request, _answer: Callable[[Reply], None], _taken: Callable[[], None]) -> None:
    """Ignore requests until there is a handler."""


def _short(reply: Reply, size: int) -> Reply:
    if not reply.ok:
        return replace(reply, message=reply.message[:100], result={})
    message = f"the action was carried out, but its result of {size} bytes is too long for the broker"
    return Reply(id=reply.id, ok=False, code="reply_too_large", message=message)
