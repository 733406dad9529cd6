"""The WSGI application for Twilio. It serves only `/twilio/callback/`, and never an HTML page.

POST requests of webhooks go directly to their view, because texts come in floods. Everything else goes through Flask:
media, webhooks with GET, probes, and unknown paths.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.webhooks.forms import MAX_BODY_BYTES, is_media, read_target
from twilio_binding.webhooks.media_view import show
from twilio_binding.webhooks.probe import PROBE
from twilio_binding.webhooks.use_cases import UseCases
from twilio_binding.webhooks.views import WebhookView

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_log = structlog.get_logger(__name__)

_XML = "text/xml; charset=utf-8"
_PLAIN = "text/plain; charset=utf-8"
_PROBES = f"/{PROBE}"
_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def create_app(use_cases: UseCases) -> WSGIApplication:
    """A new application."""
    view = WebhookView(use_cases)
    others = _others(use_cases, view)

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or environ["PATH_INFO"].endswith(_PROBES):
            return others(environ, start_response)
        try:
            status, content_type, body = 200, _XML, view.receive(environ)
        except Exception as error:
            status, content_type, body = _answer_to(error)
        content = body.encode()
        headers = [("Content-Type", content_type), ("Content-Length", str(len(content)))]
        start_response(_STATUS_LINES[status], headers)
        return [content]

    return application


def _others(use_cases: UseCases, view: WebhookView) -> Flask:
    """Answer a request that is not a POST webhook."""
    app = Flask("twilio_binding.webhooks", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.url_map.merge_slashes = False

    # One rule, because the raw target is read as Twilio signed it.
    @app.route("/<path:_rest>", methods=["GET", "POST"])
    def serve(_rest: str) -> Response:
        uri = request.environ["REQUEST_URI"]
        if is_media(request.method, uri):
            return show(use_cases.media, uri)
        target = read_target(uri)
        told = use_cases.probe.answer(request, target) if use_cases.probe and target.endpoint == PROBE else None
        return told or Response(view.receive(request.environ), content_type=_XML)

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return _http_error(error)
        status, content_type, text = _answer_to(error)
        return Response(text, status, content_type=content_type)

    return app


def _answer_to(error: Exception) -> tuple[int, str, str]:
    """Status, type and text of the answer to a refused request, or one that failed."""
    if isinstance(error, TwilioBindingError) and error.http_status is not None:
        return error.http_status, _PLAIN, error.message
    # Twilio then uses its fallback URL; the details are only in the log.
    _log.error("webhook.failed", error=type(error).__name__, exc_info=error)
    return 503, _PLAIN, "Not available"


def _http_error(error: HTTPException) -> Response:
    response = Response(error.name, error.code, content_type=_PLAIN)
    valid = getattr(error, "valid_methods", None)
    if valid:
        response.headers["Allow"] = ", ".join(sorted(valid))
    return response
