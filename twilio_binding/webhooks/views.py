"""One view: it reads the request, lets a use case work, and renders the answer."""

from __future__ import annotations

import time
from typing import cast

import structlog
from flask import Response
from flask.globals import request_ctx
from prometheus_client import Counter, Histogram

from twilio_binding.model.events import ENDPOINTS, Endpoint, Webhook
from twilio_binding.model.things import Account, Phone
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
        self._counters: dict[tuple[str, bool], tuple[Counter, Histogram]] = {}

    def receive(self, _rest: str) -> Response:
        """Answer one webhook; raises `RefusedError` for what has no effect."""
        started = time.monotonic()
        current = request_ctx.request  # not the proxy, which would look it up for each attribute
        environ = current.environ
        uri = environ.get("REQUEST_URI") or current.full_path.rstrip("?")
        if is_media(current.method, uri):
            return show(self._use_cases.media, uri)
        things = self._use_cases.things.current()  # one configuration for all of this request
        target = read_target(uri)
        if target.endpoint == PROBE and self._use_cases.probe is not None:
            told = self._use_cases.probe.answer(current, target)
            if told is not None:
                return told
        phone = things.phones.get(target.thing)
        if phone is None:
            raise RefusedError(404, "Unknown thing")
        account = things.accounts[phone.bridge]
        form = read_form(current) if current.method == "POST" else form_of_query(target)
        signature = environ.get(_SIGNATURE, "")
        if not is_genuine(account, target, form, signature=signature, settings=environ.get(_SETTINGS, "")):
            raise self._forged(target, current.method)
        if target.endpoint not in ENDPOINTS:
            raise RefusedError(404, f"Unknown endpoint: {target.endpoint:.60}")
        if not form.is_form:
            raise RefusedError(400, "Form expected")
        check(target.endpoint, form)
        query = read_query(target) if target.raw_query else {}
        webhook = Webhook(
            thing=target.thing,
            endpoint=cast("Endpoint", target.endpoint),
            fields=form.fields,
            query=query,
            token=environ.get(_IDEMPOTENCY, ""),
            signature=signature,
            form=reading(form, query),
            contact=things.contact_of_number(form.fields.get("From", ""), phone),
        )
        body, new = self._dispatch(webhook, phone, account)
        self._count(target.endpoint, new=new, seconds=time.monotonic() - started)
        return Response(body, content_type=XML)

    def _forged(self, target: Target, method: str) -> RefusedError:
        """What is answered to a request that is not Twilio's."""
        if method != "POST":
            # A GET that nobody signed must not look different from a path that does not exist.
            return RefusedError(404, "Not found")
        self._use_cases.metrics.webhooks.labels("unverified", "refused").inc()
        _log.warning("webhook.forged", thing=target.thing)
        return RefusedError(403, "Invalid signature")

    def _count(self, endpoint: str, *, new: bool, seconds: float) -> None:
        key = (endpoint, new)
        counters = self._counters.get(key)
        if counters is None:
            metrics = self._use_cases.metrics
            outcome = metrics.webhooks.labels(endpoint, "new" if new else "repeated")
            counters = self._counters[key] = (outcome, metrics.webhook_seconds.labels(endpoint))
        counters[0].inc()
        counters[1].observe(seconds)

    def _dispatch(self, webhook: Webhook, phone: Phone, account: Account) -> tuple[str, bool]:
        match webhook.endpoint:
            case "sms" | "whatsapp":
                with self._use_cases.gate:
                    return self._use_cases.messages.receive(webhook, phone)
            case "voice" | "gather":
                gather_url = phone.callback_url(account.entry_url, "gather")
                return self._use_cases.calls.receive(webhook, phone, gather_url)
            case "status":
                with self._use_cases.gate:
                    return "", self._use_cases.statuses.receive(webhook)
