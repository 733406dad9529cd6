"""One view: it reads the request, lets a flow work, and renders the answer."""

from __future__ import annotations

import time
from typing import cast

import structlog
from flask import Response, request

from twilio_binding.model.events import ENDPOINTS, Endpoint, Webhook
from twilio_binding.model.things import Phone
from twilio_binding.webhook.forms import Form, read_form, read_query
from twilio_binding.webhook.ports import Flows
from twilio_binding.webhook.refused import RefusedError
from twilio_binding.webhook.signature import is_genuine
from twilio_binding.webhook.target import Target, read_target

_log = structlog.get_logger(__name__)

TOKEN_HEADER = "I-Twilio-Idempotency-Token"  # noqa: S105 - a header's name
XML = "text/xml; charset=utf-8"


class Webhooks:
    """Receives Twilio's webhooks, checked in the order of the contract."""

    def __init__(self, flows: Flows) -> None:
        self._flows = flows

    def receive(self, rest: str) -> Response:  # noqa: ARG002 - the raw target is read instead
        """Answer one webhook; raises `RefusedError` for what has no effect."""
        started = time.monotonic()
        target = read_target(request.environ.get("REQUEST_URI") or request.full_path.rstrip("?"))
        phone = self._flows.things.current().phones.get(target.thing)
        if phone is None:
            raise RefusedError(404, "Unknown thing")
        form = read_form(request) if request.method == "POST" else read_query(target.query)
        self._verify(phone, target, form)
        if not form.is_form:
            raise RefusedError(400, "Form expected")
        webhook = Webhook(
            thing=target.thing,
            endpoint=cast("Endpoint", target.endpoint),
            fields=form.fields,
            query=target.query,
            token=request.headers.get(TOKEN_HEADER, ""),
        )
        body, new = self._dispatch(webhook, phone)
        self._flows.metrics.webhooks.labels(target.endpoint, "new" if new else "repeated").inc()
        self._flows.metrics.webhook_seconds.labels(target.endpoint).observe(time.monotonic() - started)
        return Response(body, content_type=XML)

    def _verify(self, phone: Phone, target: Target, form: Form) -> None:
        account = self._flows.things.current().account_of(phone)
        if is_genuine(account, target, form, request.headers):
            # A GET that nobody signed must not look different from a path that does not exist.
            if target.endpoint in ENDPOINTS:
                return
            raise RefusedError(404, f"Unknown endpoint: {target.endpoint:.60}")
        if request.method != "POST":
            raise RefusedError(404, "Not found")
        self._flows.metrics.webhooks.labels("unverified", "refused").inc()
        _log.warning("webhook.forged", thing=target.thing)
        raise RefusedError(403, "Invalid signature")

    def _dispatch(self, webhook: Webhook, phone: Phone) -> tuple[str, bool]:
        match webhook.endpoint:
            case "sms" | "whatsapp":
                with self._flows.gate:
                    return self._flows.messages.receive(webhook)
            case "voice" | "gather":
                account = self._flows.things.current().account_of(phone)
                gather_url = phone.callback_url(account.base_url, "gather")
                return self._flows.calls.receive(webhook, phone, gather_url)
            case "status":
                with self._flows.gate:
                    return "", self._flows.statuses.receive(webhook)
