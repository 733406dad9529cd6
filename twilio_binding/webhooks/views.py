"""The view of webhooks: it reads the request, calls a use case, and returns the answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

import structlog

from twilio_binding.model.events import ENDPOINTS, Endpoint, Webhook
from twilio_binding.model.things import Account, Phone
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
        started, use_cases = time.monotonic(), self._use_cases
        things = use_cases.things.current()  # one configuration for the whole request
        target = read_target(environ["REQUEST_URI"])
        phone = things.phones.get(target.thing)
        if phone is None:
            raise RefusedError(404, "Unknown thing")
        account = things.accounts[phone.bridge]
        is_post = environ["REQUEST_METHOD"] == "POST"
        form = read_form(read_body(environ), environ.get("CONTENT_TYPE", "")) if is_post else form_of_query(target)
        signature = environ.get(_SIGNATURE, "")
        if not is_genuine(account, target, form, signature=signature, settings=environ.get(_SETTINGS, "")):
            raise self._forged(target, is_post=is_post)
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
        body, new = self._dispatch(webhook, phone, account)
        use_cases.metrics.webhooks.labels(webhook.endpoint, "new" if new else "repeated").inc()
        use_cases.metrics.webhook_seconds.labels(webhook.endpoint).observe(time.monotonic() - started)
        return body

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

    def _forged(self, target: Target, *, is_post: bool) -> RefusedError:
        """The answer to a request that does not come from Twilio."""
        if not is_post:
            # An unsigned GET must look like a path that does not exist.
            return RefusedError(404, "Not found")
        self._use_cases.metrics.webhooks.labels("unverified", "refused").inc()
        _log.warning("webhook.forged", thing=target.thing)
        return RefusedError(403, "Invalid signature")
