"""The Flask application that Twilio talks to."""

from __future__ import annotations

import structlog
from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.webhooks.use_cases import UseCases
from twilio_binding.webhooks.views import WebhookView

_log = structlog.get_logger(__name__)

MAX_BODY_BYTES = 256 * 1024
_PLAIN = "text/plain; charset=utf-8"


def create_app(use_cases: UseCases) -> Flask:
    """A new application; it serves `/twilio/callback/` and nothing else, and never an HTML page."""
    app = Flask("twilio_binding.webhooks", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.url_map.merge_slashes = False
    # One rule: the view reads the raw target itself, because Twilio signs it as it was sent.
    app.add_url_rule("/<path:_rest>", "webhooks", WebhookView(use_cases).receive, methods=["GET", "POST"])
    app.register_error_handler(TwilioBindingError, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _failure)
    return app


def _refused(error: TwilioBindingError) -> Response:
    """The answer to a request that is refused; any other error is a failure of the service."""
    if error.http_status is None:
        return _failure(error)
    return Response(error.message, error.http_status, content_type=_PLAIN)


def _http_error(error: HTTPException) -> Response:
    response = Response(error.name, error.code, content_type=_PLAIN)
    valid = getattr(error, "valid_methods", None)
    if valid:
        response.headers["Allow"] = ", ".join(sorted(valid))
    return response


def _failure(error: Exception) -> Response:
    # Twilio tries its fallback URL; what happened stands in the log and nowhere else.
    _log.exception("webhook.failed", error=type(error).__name__)
    return Response("Not available", 503, content_type=_PLAIN)
