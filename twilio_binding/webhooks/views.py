"""One view: it reads the request, lets a use case work, and renders the answer."""

from __future__ import annotations

import time
from typing import cast

import structlog
from flask import Request, Response
from flask.globals import request_ctx

from twilio_binding.model.events import ENDPOINTS, Endpoint, Webhook
from twilio_binding.model.things import Phone, Things
from twilio_binding.webhooks.forms import Target, form_of_query, is_media, read_form, read_query, read_target
from twilio_binding.webhooks.media_view import show
from twilio_binding.webhooks.probe import PROBE
from twilio_binding.webhooks.refused import RefusedError
from twilio_binding.webhooks.signature import check, is_genuine, reading
from twilio_binding.webhooks.use_cases import UseCases

_log = structlog.get_logger(__name__)

_SIGNATURE = "HTTP_X_TWILIO_SIGNATURE"
_SETTINGS = "HTTP_X_TWILIO_WEBHOOKS_SIGNATURE_SETTINGS"
_IDEMPOTENCY = "HTTP_I_TWILIO_IDEMPOTENCY_TOKEN"
XML = "text/xml; charset=utf-8"


class WebhookView:
    """Receives Twilio's webhooks, checked in the order of the contract."""

    def __init__(self, use_cases: UseCases) -> None:
        self._use_cases = use_cases

    def receive(self, _rest: str) -> Response:
        """Answer one webhook; raises `RefusedError` for what has no effect."""
        started, use_cases = time.monotonic(), self._use_cases
        things = use_cases.things.current()  # one configuration for all of this request
        request = request_ctx.request  # not the proxy, which would look it up for each attribute
        uri = request.environ.get("REQUEST_URI") or request.full_path.rstrip("?")
        if is_media(request.method, uri):
            return show(use_cases.media, uri)
        target = read_target(uri)
        if target.endpoint == PROBE and use_cases.probe is not None:
            told = use_cases.probe.answer(request, target)
            if told is not None:
                return told
        phone = things.phones.get(target.thing)
        if phone is None:
            raise RefusedError(404, "Unknown thing")
        webhook = self._verified(request, target, things, phone)
        match webhook.endpoint:
            case "sms" | "whatsapp":
                with use_cases.gate:
                    body, new = use_cases.messages.receive(webhook, phone)
            case "voice" | "gather":
                gather_url = phone.callback_url(things.account_of(phone).entry_url, "gather")
                body, new = use_cases.calls.receive(webhook, phone, gather_url)
            case "status":
                with use_cases.gate:
                    body, new = "", use_cases.statuses.receive(webhook)
        use_cases.metrics.webhooks.labels(webhook.endpoint, "new" if new else "repeated").inc()
        use_cases.metrics.webhook_seconds.labels(webhook.endpoint).observe(time.monotonic() - started)
        return Response(body, content_type=XML)

    def _verified(self, request: Request, target: Target, things: Things, phone: Phone) -> Webhook:
        """What a request says; raises `RefusedError` where it is not Twilio's, or not as Twilio writes it."""
        account, environ = things.account_of(phone), request.environ
        form = read_form(request) if request.method == "POST" else form_of_query(target)
        signature = environ.get(_SIGNATURE, "")
        if not is_genuine(account, target, form, signature=signature, settings=environ.get(_SETTINGS, "")):
            raise self._forged(target, request.method)
        if target.endpoint not in ENDPOINTS:
            raise RefusedError(404, f"Unknown endpoint: {target.endpoint:.60}")
        if not form.is_form:
            raise RefusedError(400, "Form expected")
        check(target.endpoint, form)
        query = read_query(target) if target.raw_query else {}
        return Webhook(
            thing=target.thing,
            endpoint=cast("Endpoint", target.endpoint),
            fields=form.fields,
            query=query,
            token=environ.get(_IDEMPOTENCY, ""),
            signature=signature,
            form=reading(form, query),
            contact=things.contact_of_number(form.fields.get("From", ""), phone),
        )

    def _forged(self, target: Target, method: str) -> RefusedError:
        """What is answered to a request that is not Twilio's."""
        if method != "POST":
            # A GET that nobody signed must not look different from a path that does not exist.
            return RefusedError(404, "Not found")
        self._use_cases.metrics.webhooks.labels("unverified", "refused").inc()
        _log.warning("webhook.forged", thing=target.thing)
        return RefusedError(403, "Invalid signature")
