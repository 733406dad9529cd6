"""Protects the pages: checks host names and the origin of forms, and sets strict headers."""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request, session
from werkzeug.exceptions import HTTPException

from twilio_binding.console.host_names import HostNames

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
_SAFE = ("GET", "HEAD", "OPTIONS")
_LARGE = {"/try/phone": 6 * 1024 * 1024}
"""Addresses that accept a picture."""
_FROM_HERE = ("same-origin", "none")


class _WrongHostError(HTTPException):
    code = 421
    name = "Unknown host name"


def check_names(app: Flask, names: HostNames) -> None:
    """Serve the pages only under our own host names, with strict headers."""

    @app.before_request
    def check_name() -> None:
        problem = names.problem(request.headers.get("Host", ""))
        if problem:
            raise _WrongHostError(problem)

    @app.after_request
    def be_strict(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if request.path.startswith("/static/"):
            response.headers["Cache-Control"] = "no-cache"
        return response


def check_forms(app: Flask) -> None:
    """Accept only forms from our own pages."""

    @app.before_request
    def check_form() -> None:
        if request.method not in _SAFE:
            request.max_content_length = _LARGE.get(request.path, request.max_content_length)
            _check_form()

    app.jinja_env.globals["csrf_token"] = csrf_token


def csrf_token() -> str:
    """The token that forms carry to show that they are ours; the same for a whole session."""
    token: str = session.setdefault("csrf", secrets.token_urlsafe(18))
    return token


def _check_form() -> None:
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("Host", "").lower():
        abort(403)
    if request.headers.get("Sec-Fetch-Site", "none") not in _FROM_HERE:
        abort(403)
    given = request.form.get("csrf", "")
    if not hmac.compare_digest(given.encode(), session.get("csrf", "").encode()) or not given:
        abort(400)
