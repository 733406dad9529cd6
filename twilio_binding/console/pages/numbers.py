"""Numbers: where their webhooks point now, pointed before, and should point; and numbers that are not things yet."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from twilio_binding.accounts.number_webhooks import NumberWebhooks
from twilio_binding.console.pages.requests import asked
from twilio_binding.console.ports import ConsoleParts
from twilio_binding.masking import mask_logins
from twilio_binding.model.incoming_numbers import METHODS, URLS, same
from twilio_binding.protocol.errors import TwilioBindingError

_NAMES = {"SmsUrl": "Texts", "VoiceUrl": "Calls", "StatusCallback": "Statuses"}
_DONE = {
    "configureWebhooks": "The webhooks of the number now point to this service.",
    "restoreWebhooks": "The webhooks are restored. The service does not change them until you configure them again.",
    "discover": "The search for numbers is done.",
}


def add(app: Flask, parts: ConsoleParts) -> None:
    """Add the pages."""

    @app.get("/numbers")
    def numbers() -> str:
        things = parts.things.current()
        status = {str(thing["uid"]): thing for thing in parts.described()}
        return render_template(
            "numbers.html", accounts=things.accounts, phones=things.phones, status=status, inbox=parts.numbers.inbox()
        )

    @app.get("/numbers/<thing>")
    def number(thing: str) -> str:
        phone = parts.things.current().phones.get(thing)
        if phone is None:
            abort(404)
        rows, problem, webhooks = [], "", None
        try:
            webhooks = parts.numbers.webhooks(thing)
            rows = _rows(webhooks)
        except TwilioBindingError as error:
            problem = error.message
        return render_template(
            "number.html", phone=phone, rows=rows, problem=problem, webhooks=webhooks, area="numbers"
        )

    @app.post("/numbers/<thing>/<action>")
    def act(thing: str, action: str) -> Response:
        if action not in _DONE:
            abort(404)
        problem = asked(parts, thing, action, {}, done=_DONE[action])
        if problem:
            flash(f"That did not work: {problem}")
        is_phone = request.form.get("back") == "number" and thing in parts.things.current().phones
        return redirect(url_for("number", thing=thing) if is_phone else url_for("numbers"), 303)


def _rows(webhooks: NumberWebhooks) -> list[dict[str, object]]:
    return [
        {
            "name": _NAMES[url],
            "now": _shown(webhooks.now, url, method),
            "before": _shown(webhooks.before, url, method),
            "ours": _shown(webhooks.ours, url, method),
            "is_ours": bool(webhooks.ours)
            and same(mask_logins(webhooks.now.get(url, "")), _masked_like(webhooks, url)),
        }
        for url, method in zip(URLS, METHODS, strict=True)
    ]


def _masked_like(webhooks: NumberWebhooks, url: str) -> str:
    """Our URL, with the same masked login as the present one: what is shown contains no secret."""
    ours, now = webhooks.ours.get(url, ""), webhooks.now.get(url, "")
    scheme, separator, rest = ours.partition("://")
    return f"{scheme}{separator}***@{rest}" if "***@" in mask_logins(now) else ours


def _shown(settings: Mapping[str, str], url: str, method: str) -> str:
    address = mask_logins(settings.get(url, ""))
    way = settings.get(method, "")
    return f"{way} {address}".strip() if address and way not in ("", "POST") else address
