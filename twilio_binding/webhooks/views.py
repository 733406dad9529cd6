"""The view of webhooks: it reads the request, calls a use case, and returns the answer."""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, cast

import structlog

from twilio_binding.model.events import ENDPOINTS, Endpoint, Webhook
from twilio_binding.model.things import Account, Phone, Things
from twilio_binding.webhooks.forms import Target, form_of_query, read_body, read_form, read_query, read_target
from twilio_binding.webhooks.refused import RefusedError
from twilio_binding.webhooks.signature import check, is_genuine, reading
from twilio_binding.webhooks.use_cases import UseCases

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_log = structlog.get_logger(__name__)

_SIGNATURE = "HTTP_X_TWILIO_SIGNATURE"
_SETTINGS = "HTTP_X_TWILIO_WEBHOOKS_SIGNATURE_SETTINGS"
_IDEMPOTENCY = "HTTP_I_TWILIO_IDEMPOTENCY_TOKEN"


class WebhookView:
    """Receives Twilio's webhooks, checked in the order of the contract."""

    def __init__(self, use_cases: UseCases) -> None:
        self._use_cases = use_cases

    def receive(self, environ: WSGIEnvironment) -> str:
        """The answer to a webhook, which is XML; raises `RefusedError` for requests without effect."""
        started = time.monotonic()
        things = self._use_cases.things.current()  # one configuration for the whole request
        target = read_target(environ["REQUEST_URI"])
        if target.thing not in things.phones:
            raise RefusedError(404, "Unknown thing")
        content = read_body(environ) if environ["REQUEST_METHOD"] == "POST" else None
        way = nullcontext() if target.endpoint in ("voice", "gather") else self._use_cases.way
        with way:  # once all of the request is here: who sends it slowly must not hold up others
            answer, new = self._receive(environ, things, target, content)
        self._use_cases.metrics.webhooks.labels(target.endpoint, "new" if new else "repeated").inc()
        self._use_cases.metrics.webhook_seconds.labels(target.endpoint).observe(time.monotonic() - started)
        return answer

    def _receive(
        self, environ: WSGIEnvironment, things: Things, target: Target, content: bytes | None
    ) -> tuple[str, bool]:
        """The answer, and whether the webhook is new; `content` is what was posted."""
        phone = things.phones[target.thing]
        account = things.accounts[phone.bridge]
        form = read_form(content, environ.get("CONTENT_TYPE", "")) if content is not None else form_of_query(target)
        signature = environ.get(_SIGNATURE, "")
        if not is_genuine(account, target, form, signature=signature, settings=environ.get(_SETTINGS, "")):
            raise self._forged(target, is_post=content is not None)
        if target.endpoint not in ENDPOINTS:
            raise RefusedError(404, f"Unknown endpoint: {target.endpoint:.60}")
        if not form.is_form:
            raise RefusedError(400, "Form expected")
        check(target.endpoint, form)
        query = read_query(target)
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
        return self._dispatch(webhook, phone, account)

    def _dispatch(self, webhook: Webhook, phone: Phone, account: Account) -> tuple[str, bool]:
        match webhook.endpoint:
            case "sms" | "whatsapp":
                return self._use_cases.messages.receive(webhook, phone)
            case "voice" | "gather":
                gather_url = phone.callback_url(account.entry_url, "gather")
                with self._use_cases.way.first():
                    return self._use_cases.calls.receive(webhook, phone, gather_url)
            case "status":
                return "", self._use_cases.statuses.receive(webhook)

    def _forged(self, target: Target, *, is_post: bool) -> RefusedError:
        """The answer to a request that does not come from Twilio."""
        if not is_post:
            # An unsigned GET must look like a path that does not exist.
            return RefusedError(404, "Not found")
        self._use_cases.metrics.webhooks.labels("unverified", "refused").inc()
        _log.warning("webhook.forged", thing=target.thing)
        return RefusedError(403, "Invalid signature")
